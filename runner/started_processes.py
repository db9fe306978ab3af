"""Processes that run beside the command line: the dispatcher, the dashboard."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import IO

from runner.settings import Settings

DISPATCHER_TAKEN = 3
"""The exit status of a dispatcher that found another one at work."""


class Service:
    """A command of layerlab that ends with us, whatever ends us (`runner.ends_with_starter`).

    It has a session of its own: Ctrl-C in the terminal is for us alone.
    """

    def __init__(self, name: str, command: list[str], settings: Settings) -> None:
        self.name = name
        self.log = settings.log_folder / f"{name}.out"
        told = {"LAYERLAB_DATABASE_URL": settings.database_url} | settings.of_the_dashboard
        with _opened(self.log) as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "runner.ends_with_starter", *command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=os.environ | told,
                start_new_session=True,
            )
        self._started = time.monotonic()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def age(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._started

    def status(self) -> int | None:
        """The exit status, or None while the service runs."""
        return self._process.poll()

    def stop(self, patience: float) -> None:
        """Ask it to end, wait so many seconds, then make it."""
        self._process.terminate()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def start_dispatcher(settings: Settings) -> Service:
    """A dispatcher for the database of the settings; it ends at once where there is one."""
    return Service("dispatcher", ["dispatch"], settings)


def start_dashboard(settings: Settings, port: int) -> Service:
    """The dashboard on a port of this machine."""
    return Service("dashboard", ["dashboard", "--port", str(port)], settings)


def patience(settings: Settings) -> float:
    """Seconds that a dispatcher may need to end in order."""
    return settings.grace + 10


def _opened(path: Path) -> IO[bytes]:
    """A file for what a service prints, or the void where there can be none."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return open(path, "wb", opener=partial(os.open, mode=0o600))  # it holds the link
    except OSError:
        return Path(os.devnull).open("wb")
