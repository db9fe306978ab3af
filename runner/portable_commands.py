"""The commands that take runs out of the database and bring them in: whole, or series of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.errors import ConfigError, LayerlabError, nearest
from engine.messages import Message
from runner.surroundings import open_store, progress_bar, read_settings

if TYPE_CHECKING:
    from db.store import Store

app = typer.Typer()

_LARGEST = 2**31 - 1  # no run has a greater number
RunIds = Annotated[list[int] | None, typer.Argument(metavar="RUN...", min=1, max=_LARGEST)]
Query = Annotated[
    str | None, typer.Option(metavar="QUERY", help="All runs that fulfil a query as well.")
]


@app.command()
def export(
    output: Annotated[Path, typer.Option("-o", "--output", help="A file to be made.")],
    run_ids: RunIds = None,
    query: Query = None,
) -> None:
    """Write runs into one file: configuration, history, checkpoints, tags, notes and events."""
    with open_store(read_settings()) as store, progress_bar(f"writing {output}") as progress:
        wanted = _wanted(store, run_ids, query)
        exported = store.portable.export(wanted, output, progress=progress)
    for checkpoint in exported.left_out:
        print(f"left out a checkpoint that cannot be read: {checkpoint}", file=sys.stderr)
    print(f"{output} holds {_counted(exported.runs)}: {exported.size:,} bytes")


@app.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `export` wrote.")],
) -> None:
    """Add the runs of a file: all that are not there yet, or none where the file is damaged."""
    with open_store(read_settings()) as store, progress_bar(f"reading {file}") as progress:
        imported = store.portable.import_(file, progress=progress)
        runs = store.runs.get_many(imported.added)
    for run in runs.values():
        paused = "; it is paused, `layerlab resume` goes on with it" * (not run.status.ended)
        print(f"run {run.id} is new: {run.name or 'without a name'}{paused}")
    if imported.known:
        print(f"{_counted(len(imported.known))} there already: {_listed(imported.known)}")


@app.command()
def series(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="metrics, layers, histograms, batch_norm, batch_statistics; or runs: one row per"
            " run.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="A file to be made, .csv or .parquet.")
    ],
    run_ids: RunIds = None,
    query: Query = None,
) -> None:
    """Write one series of runs as CSV or Parquet, for notebooks and spreadsheets."""
    from db.series import SERIES
    from db.series_files import check_file, write_table

    if name not in (known := ("runs", *SERIES)):
        rule = Message("must be a known one").got(name)
        raise ConfigError.at(("series",), rule.then(nearest(name, known)))
    check_file(output)
    with open_store(read_settings()) as store:
        table = store.frames.table(name, _wanted(store, run_ids, query))
    write_table(table, output)
    print(f"{output} holds {_counted(table.num_rows, 'row')} of {table.num_columns} columns")


def _wanted(store: Store, run_ids: list[int] | None, query: str | None) -> list[int]:
    """The runs that are named, and those that fulfil the query."""
    named = list(run_ids or [])
    found = store.runs.get_many(named)
    if absent := [run_id for run_id in named if run_id not in found]:
        raise LayerlabError(Message("there is no run {id}", id=_listed(absent)))
    if query is not None:
        page = store.runs.find(query=query, sort="created", descending=False, limit=_LARGEST)
        named += [run.id for run in page.runs]
    if not named:
        if query is not None:
            raise LayerlabError(Message("no run fulfils the query"))
        raise LayerlabError(Message("name the runs, or give a --query"))
    return named


def _counted(count: int, what: str = "run") -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def _listed(run_ids: list[int] | tuple[int, ...]) -> str:
    """Numbers, as many as one line takes."""
    shown = ", ".join(map(str, run_ids[:20]))
    return f"{shown}, ..." if len(run_ids) > 20 else shown
