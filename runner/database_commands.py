"""The commands for the database as a whole: brought up to date, backed up, checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from runner.surroundings import read_settings

app = typer.Typer(help="The database that keeps every run.", no_args_is_help=True)


@app.command()
def upgrade() -> None:
    """Bring the database up to date, or make it."""
    from db import address, schema

    url = read_settings().database_url
    revision = schema.upgrade(url)
    print(f"{address.parse(url).shown} is up to date (revision {revision})")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file to be made.")],
) -> None:
    """Copy a SQLite database into a new file, while runs write; names PostgreSQL's command."""
    from db.backup import back_up

    size = back_up(read_settings().database_url, file)
    print(f"{file} is a whole copy: {size:,} bytes")


@app.command()
def check() -> None:
    """Look for damage: in the file, in checkpoints, in runs that nobody trains any more."""
    from db.check import check

    faults = check(read_settings().database_url)
    for fault in faults:
        print(fault)
    if faults:
        raise typer.Exit(1)
    print("no fault found")
