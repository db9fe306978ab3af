"""The dashboard as an ASGI application: the router as Streamlit runs it, behind what decides who
reaches it, beside whether it is ready.

The environment says who: `LAYERLAB_AUTH`, `LAYERLAB_TOKEN`, `LAYERLAB_HOSTS`, `LAYERLAB_PROXY`
(docs/operations.md).
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from dashboard.access import Access
from dashboard.proxy import Proxy
from db import address
from db.errors import DatabaseError
from db.store import Store

LOOPBACK = ("localhost", "127.0.0.1", "::1")
HEALTH, READY = "/_stcore/health", "/ready"

_FORWARDED = (
    "with LAYERLAB_AUTH=header set FORWARDED_ALLOW_IPS to nothing, as `layerlab dashboard` does:"
    " else the server takes for a connection's address what a header says of it"
)


def access() -> dict[str, object]:
    """Who is let in, as the environment says it."""
    asked = os.environ.get("LAYERLAB_AUTH", "off") == "token"
    proxy = Proxy.read()
    if proxy is not None and os.environ.get("FORWARDED_ALLOW_IPS") != "":
        raise ValueError(_FORWARDED)
    named = [name.strip() for name in os.environ.get("LAYERLAB_HOSTS", "").split(",")]
    hosts = [name for name in named if name]
    return {
        "hosts": (*LOOPBACK, *hosts) if hosts or not asked else ("*",),
        "token": os.environ["LAYERLAB_TOKEN"] if asked else None,
        "proxy": proxy,
        "prefix": prefix(),
        "open_to_all": (HEALTH, READY),
    }


def prefix() -> str:
    """The path under which the dashboard is served, with a slash before it, or nothing."""
    path = st.get_option("server.baseUrlPath").strip("/")
    return f"/{path}" if path else ""


async def ready(_request: Request) -> JSONResponse:
    """Whether pages could be shown, and whether anybody trains what is launched: for those who
    watch a server. The health check of Streamlit knows nothing of the database."""
    told = await run_in_threadpool(_look)
    return JSONResponse(told, 200 if told["database"] else 503)


def _look() -> dict[str, bool]:
    try:
        served = _store().queue.state().served
    except DatabaseError:
        _store.cache_clear()  # one that was opened before it was replaced
        return {"database": False, "dispatcher": False}
    return {"database": True, "dispatcher": served}


@cache
def _store() -> Store:
    return Store.open(address.default_url())


app = st.App(
    Path(__file__).with_name("app.py"),
    middleware=[Middleware(Access, **access())],  # type: ignore[arg-type]
    routes=[Route(prefix() + READY, ready)],
)
