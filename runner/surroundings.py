"""What every command finds around it: the settings, the database, who is asking."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from db.store import Store
    from runner.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def read_settings() -> Settings:
    from runner.settings import Settings

    return Settings.read()


def open_store(settings: Settings) -> Store:
    """The database; a file that is not there yet is made, as it is for the dashboard."""
    from db import address, schema
    from db.store import Store

    file = address.parse(settings.database_url).file
    if file and not file.exists():
        schema.upgrade(settings.database_url)
    return Store.open(settings.database_url)


def user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "unknown"
