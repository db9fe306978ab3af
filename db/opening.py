"""The door for notebooks: a database by its file or its URL. Light to import."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.store import Store


def open_store(place: str | Path | None = None) -> Store:
    """The database of a file or a URL; without one, that of `layerlab` on this machine, made where
    it is not there yet.

    Raises DatabaseError where there is none or it cannot be reached, and SchemaError where its
    tables are older or newer than the program: nothing is brought up to date by opening it.
    """
    from db import schema
    from db.store import Store

    if place is None:
        schema.make_file()
        return Store.open()
    is_url = "://" in str(place)
    return Store.open(str(place) if is_url else f"sqlite:///{Path(place).expanduser().absolute()}")
