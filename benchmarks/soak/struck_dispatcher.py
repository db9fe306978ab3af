"""A dispatcher that is struck again and again, and started again each time."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

LEASE = 5  # seconds
SETTINGS = {
    "LAYERLAB_WORKERS": "2",
    "LAYERLAB_LEASE": str(LEASE),
    "LAYERLAB_GRACE": "2",
    "LAYERLAB_TICK": "0.2",
    "OMP_NUM_THREADS": "1",
}


class Served:
    """A database under a dispatcher, and the processes that belong to it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self._folder = url, folder
        self.left_behind: list[str] = []  # processes that outlived their dispatcher
        self._start()

    def _start(self) -> None:
        own = {"LAYERLAB_DATABASE_URL": self.url, "LAYERLAB_LOG_DIR": str(self._folder)}
        inherited = {k: v for k, v in os.environ.items() if k != "DASK_SCHEDULER_ADDRESS"}
        with (self._folder / "dispatcher.out").open("ab") as output:
            self.process = psutil.Popen(
                [sys.executable, "-m", "runner.cli", "dispatch"],
                env=inherited | SETTINGS | own,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def family(self) -> list[psutil.Process]:
        with suppress(psutil.NoSuchProcess):
            return list(self.process.children(recursive=True))
        return []

    def own(self, pid: int) -> psutil.Process | None:
        """One of its processes, by number; None where that is somebody else's by now."""
        return next((process for process in self.family() if process.pid == pid), None)

    def kill(self) -> None:
        """Strike the dispatcher dead and start another."""
        family = self.family()
        self.process.kill()
        self._buried(family)
        self._start()

    def restart(self) -> None:
        """Stop the dispatcher in order and start another."""
        self.stop()
        self._start()

    def stop(self) -> None:
        family = self.family()
        self.process.terminate()
        try:
            self.process.wait(60)
        except psutil.TimeoutExpired:
            self.left_behind.append(f"the dispatcher {self.process.pid} did not stop in 60 s")
            self.process.kill()
        self._buried(family)

    def _buried(self, family: list[psutil.Process]) -> None:
        """Note what outlives the dispatcher by half a minute, and end it."""
        self.process.wait()
        deadline = time.monotonic() + 30
        while (alive := [each for each in family if _lives(each)]) and time.monotonic() < deadline:
            time.sleep(0.1)
        for process in alive:
            self.left_behind.append(f"process {process.pid} outlived its dispatcher")
            with suppress(psutil.NoSuchProcess):
                process.kill()


def _lives(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False
