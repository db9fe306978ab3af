"""The dashboard as a process: its port, Streamlit's options, and Streamlit itself."""

from __future__ import annotations

import errno
import runpy
import socket
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from engine.errors import LayerlabError
from engine.failures import why
from engine.messages import Message

HOST = "127.0.0.1"
STREAMLIT_OPTIONS = {
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "server.maxUploadSize": "100",  # runs to import; as in dashboard/.streamlit/config.toml
    "browser.gatherUsageStats": "false",
    "client.showErrorDetails": "none",
    "client.toolbarMode": "viewer",
    "runner.magicEnabled": "false",
    "runner.postScriptGC": "false",  # a full collection after every rerun cost seconds under load
}

_LOOK = 0.1  # seconds between two looks at a port in use


def check_port(port: int, host: str = HOST, *, patience: float = 0) -> None:
    """Raise LayerlabError where the dashboard could not listen on the port.

    One in use is given so many seconds: what a killed `layerlab` leaves behind is about to end.
    """
    deadline = time.monotonic() + patience
    while error := _bind_error(port, host):
        if error.errno == errno.EADDRINUSE and time.monotonic() < deadline:
            time.sleep(_LOOK)
            continue
        other = f"layerlab --port {port + 1 if port < 65535 else 8501}"
        raise LayerlabError(_no_port(error).filled(port=port, command=other))


def _no_port(error: OSError) -> Message:
    if error.errno == errno.EADDRINUSE:
        return Message(
            "port {port} is in use, perhaps by another layerlab; stop that, or choose another one:"
            " {command}"
        )
    return Message(
        "port {port} cannot be had ({why}); choose another one: {command}", why=why(error)
    )


def _bind_error(port: int, host: str) -> OSError | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
    return None


def serve(port: int, host: str = HOST) -> None:
    """Serve the dashboard from this process until a signal comes."""
    found = find_spec("dashboard")  # found, but never imported: rooms know nothing of it
    assert found is not None, "the dashboard is part of the package"
    script = Path(str(found.origin)).with_name("app.py")
    chosen = STREAMLIT_OPTIONS | {"server.address": host, "server.port": str(port)}
    sys.argv = ["streamlit", "run", str(script)]
    sys.argv += [f"--{name}={value}" for name, value in chosen.items()]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
