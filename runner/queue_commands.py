"""The commands for runs that wait or train, and for the queue as a whole."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING, Annotated

import typer

from engine.errors import LayerlabError
from engine.messages import Message
from runner.surroundings import LARGEST_ID, AsJson, RunId, open_store, read_settings, user

if TYPE_CHECKING:
    from db.queue import Queue
    from db.records import Run

app = typer.Typer()
queue = typer.Typer(help="Show the queue; `hold` and `release` it.")
app.add_typer(queue, name="queue")

RunIds = Annotated[list[int], typer.Argument(metavar="RUN...", min=1, max=LARGEST_ID)]


@app.command()
def cancel(run_ids: RunIds) -> None:
    """Cancel runs: queued ones at once, running ones at their next step."""
    _each(
        run_ids,
        lambda queue, run_id: queue.cancel(run_id, by=user()),
        done=lambda run: "is cancelled",
        why_not=lambda run: _ended(run) or Message("is being cancelled already"),
    )


@app.command()
def pause(run_ids: RunIds) -> None:
    """Keep queued runs from beginning; running ones stop at a checkpoint and wait."""
    _each(
        run_ids,
        lambda queue, run_id: queue.pause(run_id, by=user()),
        done=lambda run: "is paused" if run.status == "paused" else "pauses at its next step",
        why_not=lambda run: (
            _ended(run) or _paused(run) or Message("has been asked to stop already")
        ),
    )


@app.command()
def resume(run_ids: RunIds) -> None:
    """Queue paused runs again: they go on from their checkpoints."""
    _each(
        run_ids,
        lambda queue, run_id: queue.resume(run_id, by=user()),
        done=lambda run: "is queued again" if run.status == "queued" else "goes on",
        why_not=lambda run: (
            _ended(run) or Message("is not paused: it is {status}", status=run.status.value)
        ),
    )


@app.command()
def retry(
    run_ids: RunIds,
    time_limit: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS", help="A new time limit, for runs that reached the one they had."
        ),
    ] = None,
) -> None:
    """Queue runs again that failed, stopped or were cancelled, from their last checkpoints."""
    _each(
        run_ids,
        lambda queue, run_id: queue.retry(run_id, by=user(), time_limit=time_limit),
        done=lambda run: "is queued again",
        why_not=lambda run: Message(
            "is {status}; only runs that failed, stopped or were cancelled are retried",
            status=run.status.value,
        ),
    )


@app.command(context_settings={"ignore_unknown_options": True})  # -1 is a priority
def priority(run_id: RunId, priority: Annotated[int, typer.Argument(metavar="N")]) -> None:
    """Give a run another priority: a higher one is served first, 0 is usual."""
    _each(
        [run_id],
        lambda queue, run_id: queue.prioritize(run_id, priority, by=user()),
        done=lambda run: f"has priority {priority}",
        why_not=lambda run: _ended(run) or Message("cannot be changed"),
    )


@app.command()
def log(run_id: RunId) -> None:
    """Print what a run's attempts printed and logged."""
    with open_store(read_settings()) as store:
        if store.runs.get(run_id) is None:
            raise LayerlabError(Message("there is no run {id}", id=run_id))
        lines = store.logs.lines(run_id)
    for line in lines:
        print(f"{line.at.astimezone():%Y-%m-%d %H:%M:%S} [{line.attempt}] {line.text}")
    if not lines:
        print(f"run {run_id} has logged nothing yet", file=sys.stderr)


@queue.callback(invoke_without_command=True)
def show(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the queue: whether it is open, how many runs stand where, when it will be empty."""
    if context.invoked_subcommand is not None:
        return
    from runner.presentation import queue_object, queue_text

    with open_store(read_settings()) as store:
        queue = store.queue
        about = queue.state(), queue.depth(), queue.forecast()
    print(json.dumps(queue_object(*about)) if as_json else queue_text(*about))


@queue.command()
def hold() -> None:
    """Let nothing more begin; what runs goes on."""
    with open_store(read_settings()) as store:
        store.queue.hold(paused=True)
    print("the queue is held; `layerlab queue release` lets runs begin again")


@queue.command()
def release() -> None:
    """Let runs begin again."""
    with open_store(read_settings()) as store:
        store.queue.hold(paused=False)
    print("the queue is open")


def _each(
    run_ids: list[int],
    change: Callable[[Queue, int], bool],
    *,
    done: Callable[[Run], str],
    why_not: Callable[[Run], Message],
) -> None:
    """Change each run that can be changed and say so; then raise for those that could not."""
    said, missed = [], []
    with open_store(read_settings()) as store:
        for run_id in run_ids:
            try:
                changed = change(store.queue, run_id)
            except LayerlabError as error:
                missed.append(error.message)
                continue
            run = store.runs.get(run_id)
            if run is None:
                missed.append(Message("there is no run {id}", id=run_id))
            elif changed:
                said.append(f"run {run_id} {done(run)}")
            else:
                missed.append(Message("run {id} {why}", id=run_id, why=why_not(run)))
    for line in said:
        print(line)
    if missed:
        raise LayerlabError(reduce(Message.then, missed))


def _ended(run: Run) -> Message | None:
    if not run.status.ended:
        return None
    return Message("has ended already: {status}", status=run.status.value)


def _paused(run: Run) -> Message | None:
    return Message("is paused already") if run.status == "paused" else None
