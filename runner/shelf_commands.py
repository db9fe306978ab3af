"""The commands for what people do with runs that are there: name, describe and put them away."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from engine.errors import LayerlabError
from engine.messages import Message
from runner.surroundings import LARGEST_ID, RunId, open_store, read_input, read_settings

if TYPE_CHECKING:
    from db.records import Run
    from db.runs import Runs
    from db.store import Store

app = typer.Typer()

RunIds = Annotated[list[int], typer.Argument(metavar="RUN...", min=1, max=LARGEST_ID)]
Text = Annotated[
    str | None,
    typer.Argument(metavar="TEXT", help='Markdown, or - for stdin; "" removes the note.'),
]


@app.command()
def archive(run_ids: RunIds) -> None:
    """Put runs that have ended out of the way: lists show them with --archived only."""
    _move(run_ids, lambda runs: runs.archive(run_ids), "is archived", _why_not_archived)


@app.command()
def unarchive(run_ids: RunIds) -> None:
    """Bring archived runs back."""
    done = "is no longer archived"
    _move(run_ids, lambda runs: runs.unarchive(run_ids), done, lambda run: "is not archived")


@app.command()
def delete(run_ids: RunIds) -> None:
    """Put runs that have ended where `restore` brings them back from, until `purge`."""
    _move(run_ids, lambda runs: runs.delete(run_ids), "is deleted", _why_not_deleted)


@app.command()
def restore(run_ids: RunIds) -> None:
    """Bring deleted runs back."""
    done = "is restored"
    _move(run_ids, lambda runs: runs.restore(run_ids), done, lambda run: "is not deleted")


@app.command()
def purge(
    run_ids: Annotated[
        list[int] | None, typer.Argument(metavar="RUN...", min=1, max=LARGEST_ID)
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that are deleted.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove deleted runs for good, with all that was recorded; their space is given back."""
    if bool(run_ids) == everything:
        raise LayerlabError(Message("name the runs to purge, or --all for all that are deleted"))
    with open_store(read_settings()) as store:
        wanted = run_ids or _all_deleted(store)
        missed = [] if everything else _undeleted(store, wanted)
        if missed:
            raise LayerlabError(_joined(missed))
        if wanted and not yes:
            _ask(wanted)
        gone = store.runs.purge(wanted)
    print(f"{len(gone):,} {'run is' if len(gone) == 1 else 'runs are'} gone for good")


@app.command()
def rename(run_id: RunId, name: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """Give a run another name."""
    with open_store(read_settings()) as store:
        if not store.runs.rename(run_id, name):
            raise LayerlabError(_unknown(run_id))
        run = store.runs.get(run_id)
    print(f"run {run_id} is called {run.label if run else name}")


@app.command()
def tag(
    run_ids: RunIds,
    add: Annotated[
        list[str] | None, typer.Option("--add", metavar="TAG", help="Put this tag on them.")
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", metavar="TAG", help="Take this tag off.")
    ] = None,
) -> None:
    """Put tags on runs or take them off, and print what they then have."""
    with open_store(read_settings()) as store:
        store.tags.add(run_ids, add or [])
        store.tags.remove(run_ids, remove or [])
        runs = store.runs.get_many(run_ids)
    for run in runs.values():
        print(f"run {run.id} has {', '.join(run.tags) if run.tags else 'no tags'}")
    _raise_for([_unknown(run_id) for run_id in run_ids if run_id not in runs])


@app.command()
def note(run_id: RunId, text: Text = None) -> None:
    """Print what was written about a run, or write it."""
    with open_store(read_settings()) as store:
        if store.runs.get(run_id) is None:
            raise LayerlabError(_unknown(run_id))
        if text is not None:
            store.notes.set(run_id, read_input("-").decode() if text == "-" else text)
        written = store.notes.get(run_id)
    if text is None and written:
        print(written.text)
    else:
        print(f"run {run_id} has {'a note' if written else 'no note'}", file=sys.stderr)


def _move(
    run_ids: Sequence[int],
    change: Callable[[Runs], list[int]],
    done: str,
    why_not: Callable[[Run], str],
) -> None:
    """Move the runs that can be moved and say so; then raise for those that could not."""
    with open_store(read_settings()) as store:
        before = store.runs.get_many(run_ids)
        changed = change(store.runs)
    for run_id in changed:
        print(f"run {run_id} {done}")
    missed = [
        Message("run {id} {why}", id=run_id, why=why_not(before[run_id]))
        if run_id in before
        else _unknown(run_id)
        for run_id in dict.fromkeys(run_ids)
        if run_id not in changed
    ]
    _raise_for(missed)


def _why_not_archived(run: Run) -> str:
    return _going(run) or "is archived already"


def _why_not_deleted(run: Run) -> str:
    return _going(run) or "is deleted already"


def _going(run: Run) -> str:
    """Runs that have not ended stay where they are seen."""
    if run.status.ended:
        return ""
    return f"is {run.status.value}; `layerlab cancel {run.id}` ends it first"


def _all_deleted(store: Store) -> list[int]:
    from db.records import Shelf

    return store.runs.ids(shelf=Shelf.DELETED)


def _undeleted(store: Store, run_ids: Sequence[int]) -> list[Message]:
    """Those of the runs that are not there, or not deleted."""
    from db.records import Shelf

    deleted = set(store.runs.ids(shelf=Shelf.DELETED))
    there = store.runs.get_many(run_ids)
    return [
        Message(
            "run {id} is not deleted; `{command}` comes before",
            id=run_id,
            command=f"layerlab delete {run_id}",
        )
        if run_id in there
        else _unknown(run_id)
        for run_id in run_ids
        if run_id not in deleted
    ]


def _ask(run_ids: Sequence[int]) -> None:
    """Have a person agree; a program says --yes."""
    n = len(run_ids)
    runs = f"run {run_ids[0]}" if n == 1 else f"{n:,} runs"
    if not sys.stdin.isatty():
        raise LayerlabError(
            Message("nobody is there to agree to purge {runs}; say --yes", runs=runs)
        )
    typer.confirm(f"Remove {runs} for good?", abort=True)


def _unknown(run_id: int) -> Message:
    return Message("there is no run {id}", id=run_id)


def _raise_for(missed: Sequence[Message]) -> None:
    if missed:
        raise LayerlabError(_joined(missed))


def _joined(missed: Sequence[Message]) -> Message:
    told = missed[0]
    for message in missed[1:]:
        told = told.then(message)
    return told
