"""A whole copy of a database in one file, taken while runs write."""

from __future__ import annotations

import shlex
import sqlite3
from contextlib import closing
from pathlib import Path

from db import address
from db.errors import EXISTS, DatabaseError, translated
from engine.messages import Message


def back_up(url: str, copy: Path) -> int:
    """Copy a SQLite database as it is at one moment into a new file; answers its size in bytes.

    The tables may be of any version: before an upgrade is the best time. The file appears when it
    is whole. Raises DatabaseError, for PostgreSQL with the command that does it there.
    """
    place = address.parse(url)
    if place.file is None:
        raise DatabaseError(
            Message(
                "`layerlab db backup` copies SQLite files; for {place} run `{command}`, which asks"
                " for the password.",
                place=place.shown,
                command=_pg_dump(place, copy),
            )
        )
    if not place.file.exists():
        none = Message("There is no database {place} yet, so nothing to back up.")
        raise DatabaseError(none.filled(place=place.shown))
    if copy.exists():
        raise DatabaseError(EXISTS.filled(file=copy))
    part = copy.with_name(f"{copy.name}.part")
    try:
        _copy(place.file, part)
        part.rename(copy)
    finally:
        part.unlink(missing_ok=True)
    return copy.stat().st_size


def _copy(file: Path, part: Path) -> None:
    """All pages in one step: writers go on beside it, and never make it begin again."""
    with translated(str(file)):
        source = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)
    with closing(source):
        with translated(str(file)):
            source.execute("PRAGMA schema_version")
        part.unlink(missing_ok=True)
        with translated(str(part)), closing(sqlite3.connect(part)) as target:
            source.backup(target)


def _pg_dump(place: address.Address, copy: Path) -> str:
    url = place.url.set(drivername="postgresql")
    url = url._replace(password=None).difference_update_query(address.SECRETS)
    shown = url.render_as_string(hide_password=False)
    return f"pg_dump --format=custom --file={shlex.quote(str(copy))} {shlex.quote(shown)}"
