"""`layerlab run --wait`: follow a run to its end, with a dispatcher where none is at work."""

from __future__ import annotations

import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from db.errors import DatabaseError
from db.records import Run
from db.store import Store
from engine.errors import LayerlabError
from engine.messages import Message
from runner.lock import is_served
from runner.settings import Settings
from runner.started_processes import DISPATCHER_TAKEN, Service, patience, start_dispatcher

_LOOK = 0.25  # seconds between two looks at the run
_CHECK = 3.0  # seconds between two looks whether a dispatcher serves the database


def wait_for(store: Store, run_id: int, settings: Settings) -> Run:
    """Wait until a run has ended, showing its progress on stderr."""
    console = Console(stderr=True, soft_wrap=True)
    with _bar(console) as progress, _Dispatcher(settings, console) as dispatcher:
        task = progress.add_task(f"run {run_id}", total=None, status="")
        while True:
            run = _look(store, run_id)
            if run and run.status.ended:
                return run
            if run:
                progress.update(task, total=run.steps, completed=run.step, status=run.status.value)
            dispatcher.check()
            time.sleep(_LOOK)


def _look(store: Store, run_id: int) -> Run | None:
    """The run, or None while the database is away: the run itself outlasts that, too."""
    try:
        run = store.runs.get(run_id)
    except DatabaseError:
        return None
    if run is None:
        raise LayerlabError(Message("run {id} was deleted", id=run_id))
    return run


def _bar(console: Console) -> Progress:
    columns = (
        TextColumn("{task.description}"),
        TextColumn("{task.fields[status]}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("steps,"),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    return Progress(*columns, console=console, transient=True)


class _Dispatcher:
    """A dispatcher for as long as somebody waits, where none serves the database."""

    def __init__(self, settings: Settings, console: Console) -> None:
        self._settings, self._console = settings, console
        self._service: Service | None = None
        self._next_check = 0.0

    def check(self) -> None:
        """See that there is one; raises LayerlabError where one cannot be had."""
        if time.monotonic() < self._next_check:
            return
        self._next_check = time.monotonic() + _CHECK
        if self._service and self._service.status() is None:
            return
        if self._service and self._service.status() not in (0, DISPATCHER_TAKEN):
            silent = Message("the dispatcher does not start; see {log}", log=self._service.log)
            raise LayerlabError(silent)
        with suppress(DatabaseError):
            if not is_served(self._settings.database_url):
                self._console.print("No dispatcher serves this database: one starts, for this run.")
                self._service = start_dispatcher(self._settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._service:
            self._service.stop(patience(self._settings))
