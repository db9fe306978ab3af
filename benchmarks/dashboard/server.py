"""A Streamlit server of one's own, as `layerlab` starts it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

import dashboard

BEGIN = 60.0  # seconds that a server may take to answer


class Server:
    """A server that answers, and what it uses."""

    def __init__(self, address: str, process: psutil.Process) -> None:
        self.address, self._process = address, process

    @property
    def memory(self) -> float:
        """Megabytes of memory of its own."""
        return float(self._process.memory_full_info().uss) / 1e6

    @property
    def seconds(self) -> float:
        """Of processor time so far."""
        times = self._process.cpu_times()
        return float(times.user + times.system)


@contextmanager
def serving(url: str, log: Path) -> Iterator[Server]:
    """The dashboard on a free port, for a database."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [
        sys.executable, "-m", "streamlit", "run", str(Path(dashboard.__file__).with_name("app.py")),
        "--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true",
        "--server.fileWatcherType", "none",
    ]  # fmt: skip
    env = os.environ | {"LAYERLAB_DATABASE_URL": url}
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=env, stdout=out, stderr=out)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(address, process)
        yield Server(address, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    begin = time.monotonic()
    while time.monotonic() - begin < BEGIN:
        if process.poll() is not None:
            raise RuntimeError("the server has ended before it answered")
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"the server does not answer within {BEGIN:.0f} s")
