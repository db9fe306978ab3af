"""The command line, `layerlab`. A command imports what it needs when it runs: most need little."""

from __future__ import annotations

import json
import os
import signal
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import ConfigError, LayerlabError
from engine.failures import why
from engine.messages import Message
from runner import (
    branch_commands,
    data_commands,
    database_commands,
    people_commands,
    portable_commands,
    queue_commands,
    shelf_commands,
    sweep_commands,
)
from runner.after_launch import Launcher, Name, Wait, report
from runner.output import serve_unread, standard_streams
from runner.surroundings import (
    AsJson,
    Assignments,
    open_store,
    print_table,
    read_input,
    read_settings,
    terminal_width,
    user,
)

if TYPE_CHECKING:
    from engine.config import RunConfig

app = typer.Typer(
    help="A laboratory for weight initialization, Batch Normalization and optimizers.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(branch_commands.app)
app.add_typer(queue_commands.app)
app.add_typer(shelf_commands.app)
app.add_typer(portable_commands.app)
app.add_typer(sweep_commands.app, name="sweep")
app.add_typer(data_commands.app, name="data")
app.add_typer(people_commands.app, name="people")
app.add_typer(database_commands.app, name="db")

INTERRUPTED = 130
"""The exit status of what SIGINT, SIGTERM or a closed terminal has ended, as Typer has it too."""

Owner = Annotated[str | None, typer.Option(help="Whose runs.")]
Convention = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Give layers and optimizer the defaults of textbook, keras or pytorch, before --set.",
    ),
]


def main() -> None:
    """Run the command line: what a user may cause ends in one sentence and exit status 1."""
    os.environ["PYTHONSAFEPATH"] = "1"  # for what is started here: a user's `db.py` is not ours
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)
    with standard_streams():
        try:
            app(prog_name="layerlab")
        except LayerlabError as error:
            print(f"layerlab: {error}{_pointer(error)}", file=sys.stderr)
            sys.exit(1)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)


def _pointer(error: LayerlabError) -> str:
    """Where in a query the mistake is."""
    pointer = getattr(error, "pointer", "")
    return "".join(f"\n  {line}" for line in pointer.splitlines())


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"layerlab {version('layerlab')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def layerlab(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="The dashboard's port.", min=1, max=65535)] = 8501,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Do not open a browser.")
    ] = False,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="The database: sqlite:////folder/runs.db or postgresql://user@host/name; instead"
            " of LAYERLAB_DATABASE_URL.",
        ),
    ] = None,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """A laboratory for weight initialization, Batch Normalization and optimizers.

    Without a command: opens the dashboard, with workers on this machine to train what it launches.
    """
    if database:
        os.environ["LAYERLAB_DATABASE_URL"] = database
    if context.invoked_subcommand is None:
        from runner.launch import launch

        serve_unread()
        launch(read_settings(), port=port, browser=not no_browser)


@app.command()
def run(
    config: Annotated[
        str | None,
        typer.Argument(
            metavar="CONFIG.json",
            help="A file, or - for stdin; without one, the default configuration.",
        ),
    ] = None,
    assignments: Assignments = None,
    convention: Convention = None,
    name: Name = "",
    owner: Launcher = None,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Launch a run."""
    from engine.overrides import override

    configured = override(_by_convention(_read_config(config), convention), assignments or [])
    settings = read_settings()
    with open_store(settings) as store:
        launched = store.queue.enqueue(configured, name=name, owner=owner or user())
        report(store, launched, settings, wait=wait, as_json=as_json)


@app.command()
def runs(
    query: Annotated[
        str,
        typer.Argument(help='Only such as fulfil: optimizer.kind = "adam" and best.val_loss < 0.1'),
    ] = "",
    as_json: AsJson = False,
    status: Annotated[list[str] | None, typer.Option(help="Only runs that stand so.")] = None,
    owner: Owner = None,
    archived: Annotated[bool, typer.Option("--archived", help="Archived ones instead.")] = False,
    deleted: Annotated[bool, typer.Option("--deleted", help="Deleted ones instead.")] = False,
    sort: Annotated[str, typer.Option(help="Order them by any name of a query.")] = "created",
    ascending: Annotated[bool, typer.Option("--ascending", help="The smallest first.")] = False,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=10_000)] = 20,
    names: Annotated[bool, typer.Option("--names", help="Print what a query may name.")] = False,
) -> None:
    """List runs, the newest first. Dates in a query are those of this machine's time zone, in
    which times are shown, unless one is written: 2026-11-21T10:30Z, 2026-11-21T10:30+09:00."""
    from db.records import Shelf
    from runner.presentation import listing, names_table, table, zone_text

    if names:
        print_table(names_table())
        return print(zone_text())
    statuses = [_status(word) for word in status or []]
    with open_store(read_settings()) as store:
        page = store.runs.find(
            query=query,
            statuses=statuses,
            owner=owner,
            shelf=Shelf.DELETED if deleted else Shelf.ARCHIVED if archived else Shelf.ACTIVE,
            sort=sort,
            descending=not ascending,
            limit=limit,
        )
    if as_json:
        return print(json.dumps([listing(run) for run in page.runs], indent=2))
    print_table(table(page.runs, width=terminal_width()))
    if page.total > len(page.runs):
        print(f"{len(page.runs)} of {page.total:,}; more with --limit")
    return None


@app.command()
def config(convention: Convention = None) -> None:
    """Print the default configuration, to be changed and given to `layerlab run`."""
    from engine.default import default_config

    print(_by_convention(default_config(), convention).to_json(indent=2))


def _by_convention(config: RunConfig, name: str | None) -> RunConfig:
    """A run by the conventions of a tradition, where one is named."""
    from engine.conventions import TRADITIONS, config_in_tradition
    from engine.errors import nearest

    if name is None:
        return config
    tradition = next((known for known in TRADITIONS if known == name), None)
    if tradition is None:
        rule = Message("must be a known one").got(name)
        raise ConfigError.at(("convention",), rule.then(nearest(name, TRADITIONS)))
    return config_in_tradition(config, tradition)


@app.command()
def dispatch() -> None:
    """Give queued runs to workers, here or on DASK_SCHEDULER_ADDRESS, until interrupted."""
    from runner.dispatcher import dispatch as serve
    from runner.lock import AlreadyRunningError
    from runner.logs import log_to
    from runner.started_processes import DISPATCHER_TAKEN

    settings = read_settings()
    log_to(settings.log_folder)
    try:
        serve(settings)
    except AlreadyRunningError as error:
        print(f"layerlab: {error}", file=sys.stderr)
        raise typer.Exit(DISPATCHER_TAKEN) from None


@app.command()
def dashboard(
    address: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port.", min=1, max=65535)] = 8501,
) -> None:
    """Serve the dashboard alone: where a dispatcher and workers run elsewhere."""
    from runner.dashboard import check_access, check_port, serve

    settings = read_settings()
    check_access(settings, address)
    check_port(port, address)
    serve_unread()
    print(f"layerlab is at {settings.link(address, port)}", flush=True)
    serve(settings, port, address)


def _read_config(path: str | None) -> RunConfig:
    from engine.config import RunConfig
    from engine.default import default_config

    if path is None:
        return default_config()
    try:
        text = read_input(path)
    except OSError as error:
        raise LayerlabError(
            Message(
                "{path} cannot be read ({why}); `{command}` writes one",
                path=path,
                why=why(error),
                command=f"layerlab config > {path}",
            )
        ) from None
    return RunConfig.parse_json(text)


def _status(word: str) -> Any:
    from db.records import Status
    from engine.errors import nearest

    if word not in set(Status):
        rule = Message("must be a known one").got(word)
        raise ConfigError.at(("status",), rule.then(nearest(word, Status)))
    return Status(word)


if __name__ == "__main__":
    main()
