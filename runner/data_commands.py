"""The commands for data: what there is, added, looked at before it is used, removed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from engine.errors import ConfigError, LayerlabError, nearest
from engine.failures import why
from engine.messages import Message
from runner.surroundings import (
    AsJson,
    Assignments,
    open_store,
    print_table,
    progress_bar,
    read_settings,
    user,
)

if TYPE_CHECKING:
    from db.records import KeptData
    from db.store import Store
    from engine.datasets.base import FromFile

app = typer.Typer(help="Data of your own: kept with the runs, or found in the data directory.")

Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="What was added, as NAME or NAME@VERSION; or a file or folder below the data"
        " directory.",
    ),
]
Chosen = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Choose how it is read: dataset.target=price, dataset.header=no.",
    ),
]


@app.callback(invoke_without_command=True)
def _list(context: typer.Context, as_json: AsJson = False) -> None:
    """List what there is: what was added, and what lies in the data directory."""
    if context.invoked_subcommand is None:
        list_(as_json=as_json)


@app.command(name="list")
def list_(as_json: AsJson = False) -> None:
    """List what there is: what was added, and what lies in the data directory."""
    from engine.datasets.found import found
    from runner.data_presentation import data_table, found_object, kept_object

    with open_store(read_settings()) as store:
        kept = store.data.list()
        runs = store.data.runs({each.content for each in kept})
    lying = found()
    if as_json:
        rows = [kept_object(each, runs[each.content]) for each in kept]
        return print(json.dumps([*rows, *map(found_object, lying)], indent=2))
    return print_table(data_table(kept, runs, lying))


@app.command()
def add(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="A table, arrays, or MNIST's files.")
    ],
    name: Annotated[str, typer.Option(help="What to call it; else after its files.")] = "",
    owner: Annotated[str | None, typer.Option(help="Who adds it; else you.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add files as one data set, or as a new version of the one of that name."""
    from db.adding import add_files
    from runner.data_presentation import kept_object, kept_text

    settings = read_settings()
    with open_store(settings) as store, _opened(files) as opened, progress_bar("adding") as told:
        kept = add_files(
            *(store, opened),
            name=name,
            owner=owner or user(),
            most=settings.upload_mb * 2**20,
            progress=told,
        )
    print(json.dumps(kept_object(kept, []), indent=2) if as_json else kept_text(kept))


@app.command()
def show(name: Name, assignments: Chosen = None, as_json: AsJson = False) -> None:
    """Show data before it is used: how it is written, its columns, its target, its classes; and
    what must be chosen first."""
    from engine.datasets.preview import preview
    from runner.data_presentation import preview_object, print_preview

    with open_store(read_settings()) as store:
        seen = preview(_chosen(_named(store, name), assignments))
    if as_json:
        return print(json.dumps(preview_object(seen), indent=2))
    return print_preview(seen)


@app.command()
def config(name: Name, assignments: Chosen = None) -> None:
    """Print a configuration that fits data: `layerlab data config NAME | layerlab run -`."""
    from engine.fitting import config_for

    with open_store(read_settings()) as store:
        print(config_for(_chosen(_named(store, name), assignments)).to_json(indent=2))


@app.command()
def remove(
    name: Annotated[str, typer.Argument(metavar="NAME[@VERSION]", help="What was added.")],
) -> None:
    """Remove a version of what was added, the newest where none is named; refused where runs use
    it."""
    with open_store(read_settings()) as store:
        kept = _kept(store, name)
        if kept is None:
            raise LayerlabError(_unknown(store, name))
        store.data.remove(kept.id)
    print(f"{kept.name} (version {kept.version}) is removed")


def _chosen(dataset: FromFile, assignments: Assignments) -> Any:
    """The data set with what was chosen of it."""
    from engine.default import default_config
    from engine.overrides import override

    config = default_config().model_copy(update={"dataset": dataset})
    return override(config, assignments or []).dataset


def _named(store: Store, name: str) -> FromFile:
    """What was added under a name, else what lies there in the data directory."""
    from engine.datasets.found import found

    kept = _kept(store, name)
    if kept is not None:
        return kept.dataset
    lying = next((each for each in found() if each.name == name.rstrip("/")), None)
    if lying is None:
        raise LayerlabError(_unknown(store, name))
    return lying.dataset


def _kept(store: Store, name: str) -> KeptData | None:
    """A version by `NAME` or `NAME@VERSION`."""
    found = store.data.find(name)
    bare, at, version = name.rpartition("@")
    if found is None and at and version.isdecimal() and len(version) < 10:
        return store.data.find(bare, int(version))
    return found


def _unknown(store: Store, name: str) -> Message:
    from engine.datasets.found import found

    known = {each.name for each in store.data.list()} | {each.name for each in found()}
    return Message("there is no data called {name}", name=name).then(nearest(name, known))


@contextmanager
def _opened(paths: list[Path]) -> Iterator[dict[str, BinaryIO]]:
    """Files by their names."""
    with ExitStack() as stack:
        opened: dict[str, BinaryIO] = {}
        for path in paths:
            if path.name in opened:
                twice = Message("must have different names").got(path.name)
                raise ConfigError.at(("files",), twice)
            try:
                opened[path.name] = stack.enter_context(path.open("rb"))
            except OSError as error:
                unread = Message("{path} cannot be read: {detail}", path=path, detail=why(error))
                raise LayerlabError(unread) from None
        yield opened
