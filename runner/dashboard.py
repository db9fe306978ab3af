"""The dashboard as a process: its port, Streamlit's options, and Streamlit itself."""

from __future__ import annotations

import errno
import os
import runpy
import socket
import sys
import time
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path

from engine.errors import LayerlabError
from engine.failures import why
from engine.messages import Message
from runner.settings import Settings

HOST = "127.0.0.1"
STREAMLIT_OPTIONS = {
    "server.headless": "true",
    "server.fileWatcherType": "none",
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


def check_access(settings: Settings, host: str) -> None:
    """Raise LayerlabError where strangers could open the dashboard."""
    if settings.auth == "header" and not settings.proxy.strip(" ,"):
        raise LayerlabError(
            Message(
                "LAYERLAB_AUTH=header needs LAYERLAB_PROXY, the address that the proxy's"
                " connections come from: whoever else reaches the dashboard could write that header"
                " too"
            )
        )
    if settings.auth == "off" and not _is_this_machine(host):
        raise LayerlabError(
            Message(
                "a dashboard that listens at {host} can be reached from other machines; set"
                " LAYERLAB_AUTH=token, so that only those with the link open it, or keep to {own}",
                host=host,
                own=HOST,
            )
        )


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def serve(settings: Settings, port: int, host: str = HOST) -> None:
    """Serve the dashboard from this process until a signal comes; so many megabytes as the settings
    say can be sent at a time."""
    found = find_spec("dashboard")  # found, but never imported: rooms know nothing of it
    assert found is not None, "the dashboard is part of the package"
    script = Path(str(found.origin)).with_name("served.py")
    os.environ.update(settings.of_the_dashboard)
    chosen = STREAMLIT_OPTIONS | {"server.address": host, "server.port": str(port)}
    chosen |= {"server.maxUploadSize": str(settings.upload_mb)}
    sys.argv = ["streamlit", "run", str(script)]
    sys.argv += [f"--{name}={value}" for name, value in chosen.items()]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
