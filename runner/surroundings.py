"""What every command finds around it: the settings, the database, who is asking."""

from __future__ import annotations

import getpass
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

LARGEST_ID = 2**31 - 1  # no run has a greater number

if TYPE_CHECKING:
    from db.store import Store
    from runner.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Assignments = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Change a value: optimizer.lr=0.1, layers.0.units=50.",
    ),
]
RunId = Annotated[int, typer.Argument(metavar="RUN", min=1, max=LARGEST_ID)]


def read_settings() -> Settings:
    from runner.settings import Settings

    return Settings.read()


def open_store(settings: Settings) -> Store:
    """The database; a file that is not there yet is made, as it is for the dashboard."""
    from db import schema
    from db.store import Store

    schema.make_file(settings.database_url)
    return Store.open(settings.database_url)


def read_input(path: str) -> bytes:
    """The content of a file, or for `-` of standard input; raises OSError."""
    return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()


def print_table(table: Any) -> None:
    """Print a `rich` table."""
    from rich.console import Console

    Console(width=terminal_width()).print(table)


def terminal_width() -> int:
    """How many cells a line has; programs that read it are given room."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 160


def user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "unknown"


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, for as long as it takes; nothing elsewhere."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(escape(what))
        yield lambda done, total: bar.update(task, completed=done, total=total)
