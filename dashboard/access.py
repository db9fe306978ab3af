"""Who reaches the dashboard, decided before Streamlit hears of a request or a WebSocket.

Host names that are not ours are refused: a page anywhere on the web could have a name of its own
point at 127.0.0.1, and a browser would then let it read what is served here (DNS rebinding). Where
a token is asked for, it comes with the link that `layerlab` prints, as Jupyter has it, and stays
with the browser as a cookie. Where a proxy says who comes, nobody else is listened to.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import URL
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from dashboard.proxy import Proxy

PARAMETER = "token"
_LOCKED = Path(__file__).with_name("locked.html")
_ANY = "*"

_NOT_THE_PROXY = """This dashboard answers to its proxy alone.
このダッシュボードは、指定されたプロキシからの接続にだけ応答します。
"""
_NOBODY = """The proxy has not said who you are: sign in there.
プロキシからユーザー名が届いていません。プロキシでサインインしてください。
"""


class Access:
    """The middleware that lets a connection in, or answers it.

    `hosts` are the names that the dashboard goes by, or `*` for any; `token` is None where none is
    asked for, `proxy` where none says who comes; `open_to_all` are paths that tell nothing of what
    is kept, such as the health check.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Collection[str],
        token: str | None,
        proxy: Proxy | None = None,
        prefix: str = "",
        open_to_all: Collection[str] = (),
    ) -> None:
        if token == "":
            raise ValueError("an empty token would let everybody in")
        self._app = app
        self._hosts = {host.lower() for host in hosts}
        self._token = token
        self._proxy = proxy
        self._prefix = prefix
        self._open = {prefix + path for path in open_to_all}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._answer(scope) if scope["type"] in ("http", "websocket") else None
        if answer is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose(code=1008)(scope, receive, send)
        else:
            await answer(scope, receive, send)

    def _answer(self, scope: Scope) -> Response | None:
        """What is answered to a connection that is not let in, or None."""
        connection = HTTPConnection(scope)
        if not self._is_ours(connection.headers.get("host", "")):
            return PlainTextResponse("This is not the name of a layerlab dashboard.\n", 403)
        if scope["path"] in self._open:
            return None
        if self._proxy is not None:
            return _unnamed(connection, self._proxy)
        if self._token is None:
            return None
        given = connection.query_params.get(PARAMETER)
        if given is not None and self._holds(given):
            return self._welcome(connection.url)
        if self._holds(connection.cookies.get(self._cookie, "")):
            return None
        return HTMLResponse(_LOCKED.read_text(encoding="utf-8"), 401)

    def _is_ours(self, host: str) -> bool:
        if _ANY in self._hosts:
            return True
        try:
            name = urlsplit(f"//{host}").hostname
        except ValueError:
            return False
        return name is not None and name.rstrip(".") in self._hosts

    def _holds(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), (self._token or "").encode())

    @property
    def _cookie(self) -> str:
        """The cookie's name: browsers keep one for all ports of a host, and two dashboards there
        must not take each other's place."""
        return "layerlab-" + hashlib.sha256((self._token or "").encode()).hexdigest()[:8]

    def _welcome(self, url: URL) -> Response:
        """The same page without the token in its address, which people copy and browsers keep."""
        given = parse_qsl(url.query, keep_blank_values=True)
        rest = [(name, value) for name, value in given if name != PARAMETER]
        path = "/" + url.path.lstrip("/")  # two slashes would begin with another host
        response = RedirectResponse(f"{path}?{urlencode(rest)}" if rest else path, 303)
        response.set_cookie(
            self._cookie,
            self._token or "",
            path=self._prefix or "/",
            httponly=True,
            samesite="lax",
            secure=url.scheme == "https",
        )
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response


def _unnamed(connection: HTTPConnection, proxy: Proxy) -> Response | None:
    """What is answered to a connection that is not the proxy's, or in which it names nobody."""
    if not proxy.is_at(connection.client.host if connection.client else None):
        return PlainTextResponse(_NOT_THE_PROXY, 403)
    if proxy.named(connection.headers.getlist(proxy.header)) is None:
        return PlainTextResponse(_NOBODY, 401)
    return None
