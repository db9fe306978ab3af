"""The dashboard and a dispatcher beside it, kept up until Ctrl-C."""

from __future__ import annotations

import os
import sys
import time
import urllib.request
import webbrowser
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from db.errors import DatabaseError
from db.records import Run, Status
from db.store import Store
from engine.errors import LayerlabError
from engine.messages import Message
from runner.dashboard import HOST
from runner.lock import is_served
from runner.settings import Settings
from runner.started_processes import (
    DISPATCHER_TAKEN,
    Service,
    patience,
    start_dashboard,
    start_dispatcher,
)
from runner.stopping import Stop

_CHECK = 3.0  # seconds between two looks for another dispatcher
_LOOK = 0.25  # seconds between two looks at the services
_SOON = 0.05  # the same while somebody waits for the dashboard
_SETTLED = 10.0  # seconds after which a service has shown that it works
_TRIES = 3  # starts in a row that may end before that
_READY = 60.0  # seconds that the dashboard may take to answer


def serve(settings: Settings, dashboard: Service, *, port: int, browser: bool) -> None:
    """Keep the dashboard up, and a dispatcher, until a signal comes."""
    with Store.open(settings.database_url) as store:
        launcher = _Launcher(settings, store, port, dashboard)
        with launcher.stop.on_signals():
            try:
                launcher.run(browser=browser)
            finally:
                launcher.leave()


class _Launcher:
    def __init__(self, settings: Settings, store: Store, port: int, dashboard: Service) -> None:
        self._settings, self._store, self._port = settings, store, port
        self._services = {"dashboard": dashboard}
        self._failures: Counter[str] = Counter()
        self._served, self._next_check = False, 0.0
        self.stop = Stop()

    @property
    def address(self) -> str:
        return self._settings.link("localhost", self._port)

    def run(self, *, browser: bool) -> None:
        """Have both services up, say where they are, and keep them so. The dispatcher comes second:
        the first page is what somebody waits for."""
        if not self._store.writable:
            print("The database is read-only: its runs can be looked at, and none is trained.")
        elif self._is_served():
            print("A dispatcher already serves this database; it is used.")
        self._await_dashboard()
        if self.stop.requested:
            return
        self._keep_dispatcher()
        print(f"layerlab is at {self.address}")
        print(f"Runs are kept in {self._store.location}")
        print("Ctrl-C stops it.", flush=True)
        if browser and _has_screen():
            webbrowser.open(self.address)
        while not self.stop.requested:
            self.stop.wait(_LOOK)
            self._keep_dispatcher()
            self._keep_dashboard()

    def leave(self) -> None:
        """Stop the dashboard, then the dispatcher, and say which runs wait for the next start."""
        print("Stopping ...", flush=True)
        running = self._running()
        for name in ("dashboard", "dispatcher"):
            if service := self._services.pop(name, None):
                service.stop(patience(self._settings))
        requeued = [run for run in self._look(running) if run.status is Status.QUEUED]
        if requeued:
            names = ", ".join(f"#{run.id}" for run in requeued)
            print(f"Queued again, to go on from a checkpoint at the next start: {names}")

    def _running(self) -> list[int]:
        with suppress(DatabaseError):
            return [r.id for r in self._store.runs.find(statuses=[Status.RUNNING], limit=1000).runs]
        return []

    def _look(self, run_ids: list[int]) -> list[Run]:
        with suppress(DatabaseError):
            return list(self._store.runs.get_many(run_ids).values())
        return []

    def _keep_dispatcher(self) -> None:
        """See that a dispatcher serves a database that can be written to: ours, or one that was
        there before."""
        if not self._store.writable:
            return
        service = self._services.get("dispatcher")
        if service and service.status() == DISPATCHER_TAKEN:
            del self._services["dispatcher"]
        if "dispatcher" in self._services or not self._is_served():
            self._keep("dispatcher", lambda: start_dispatcher(self._settings))

    def _is_served(self) -> bool:
        """Whether another dispatcher serves the database, as seen every few seconds."""
        if time.monotonic() >= self._next_check:
            self._next_check = time.monotonic() + _CHECK
            with suppress(DatabaseError):
                self._served = is_served(self._settings.database_url)
        return self._served

    def _keep_dashboard(self) -> None:
        self._keep("dashboard", lambda: start_dashboard(self._settings, self._port))

    def _keep(self, name: str, start: Callable[[], Service]) -> None:
        """Start a service that is not there, and one that has ended, unless it always does."""
        service = self._services.get(name)
        if service is None:
            self._services[name] = start()
        elif (status := service.status()) is not None:
            self._failures[name] = self._failures[name] + 1 if service.age < _SETTLED else 1
            if self._failures[name] == _TRIES:
                ends = Message("the {service} ends soon after each start; see {log}")
                raise LayerlabError(ends.filled(service=name, log=service.log))
            print(f"The {name} has ended (status {status}); it is started again.", flush=True)
            self._services[name] = start()

    def _await_dashboard(self) -> None:
        deadline = time.monotonic() + _READY
        while not self.stop.requested and not _answers(self._port, self._settings.prefix):
            if time.monotonic() > deadline:
                log = self._services["dashboard"].log
                raise LayerlabError(Message("the dashboard does not answer; see {log}", log=log))
            self.stop.wait(_SOON)
            self._keep_dashboard()


def _answers(port: int, prefix: str) -> bool:
    health = f"http://{HOST}:{port}{prefix}/_stcore/health"
    try:
        with urllib.request.urlopen(health, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:  # which urllib's errors are
        return False


def _has_screen() -> bool:
    """Whether a browser could show anything: without a display it would take the terminal."""
    return not sys.platform.startswith("linux") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
