"""What every command does with the run that it has launched: wait for it, and say how it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from engine.errors import LayerlabError
from engine.messages import Message

if TYPE_CHECKING:
    from db.records import Run
    from db.store import Store
    from runner.settings import Settings

Wait = Annotated[bool, typer.Option("--wait", help="Wait for its end.")]
Name = Annotated[str, typer.Option(help="What to call the run.")]
Launcher = Annotated[str | None, typer.Option(help="Who launches it; by default you.")]


def report(store: Store, run: Run, settings: Settings, *, wait: bool, as_json: bool) -> None:
    """Print what became of a run; raises Exit where it has come to nothing."""
    from runner.presentation import launched, outcome, sentence

    if wait:
        run = _wait(store, run, settings)
    print(json.dumps(outcome(run)) if as_json else sentence(run) if wait else launched(run))
    if run.status in ("failed", "cancelled"):
        raise typer.Exit(1)


def _wait(store: Store, run: Run, settings: Settings) -> Run:
    from runner.waiting import wait_for

    try:
        return wait_for(store, run.id, settings)
    except KeyboardInterrupt:
        raise LayerlabError(
            Message(
                "no longer waiting for run {id}, which goes on while a dispatcher serves it;"
                " `{command}` ends it",
                id=run.id,
                command=f"layerlab cancel {run.id}",
            )
        ) from None
