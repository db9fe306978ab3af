"""The commands that go on from a run's checkpoint: a new run, as it was or by another
configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from engine.errors import ConfigError, LayerlabError
from engine.messages import Message
from runner.after_launch import Launcher, Name, Wait, report
from runner.surroundings import AsJson, Assignments, RunId, open_store, read_settings, user

if TYPE_CHECKING:
    from db.branches import At

app = typer.Typer()


@app.command("continue")
def prolong(
    run_id: RunId,
    epochs: Annotated[int, typer.Option(help="How many epochs more.", min=1, max=100_000)],
    name: Name = "",
    owner: Launcher = None,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Launch a run that trains more epochs than one that has ended, from where that ended.

    It is what that run would have been with so many epochs from the start, to the last bit, unless
    its learning rate follows a schedule that looks to the end.
    """
    settings = read_settings()
    with open_store(settings) as store:
        launched = store.branches.prolong(run_id, epochs=epochs, name=name, owner=owner or user())
        report(store, launched, settings, wait=wait, as_json=as_json)


@app.command()
def branch(
    run_id: RunId,
    at: Annotated[
        str,
        typer.Option(metavar="STEP", help="The step of a checkpoint, or best, or last."),
    ] = "last",
    assignments: Assignments = None,
    name: Name = "",
    owner: Launcher = None,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Launch a run that goes on from another's checkpoint with changed values."""
    from engine.overrides import override

    settings, place = read_settings(), _place(at)
    with open_store(settings) as store:
        parent = store.runs.get(run_id)
        if parent is None:
            raise LayerlabError(Message("there is no run {id}", id=run_id))
        config = override(parent.config, assignments or [])
        launched = store.branches.branch(run_id, config, at=place, name=name, owner=owner or user())
        report(store, launched, settings, wait=wait, as_json=as_json)


def _place(at: str) -> At:
    for place in ("best", "last"):
        if at == place:
            return place
    if at.isdecimal():
        return int(at)
    raise ConfigError.at(("at",), Message("must be a step, best or last").got(at))
