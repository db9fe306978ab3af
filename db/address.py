"""Where a database is: one URL, made whole once, and never shown with its password."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from db.errors import DatabaseError
from engine.messages import Message

VARIABLE = "LAYERLAB_DATABASE_URL"
SECRETS = frozenset({"password", "sslpassword"})  # libpq takes them in the query as well


@dataclass(frozen=True)
class Address:
    """The place of a database: `url` for SQLAlchemy, `file` where it is a SQLite file."""

    url: URL
    file: Path | None

    @property
    def shown(self) -> str:
        """The address as messages name it: a file's path, or a URL without its password."""
        if self.file:
            return str(self.file)
        hidden = {name: "***" for name in self.url.query if name in SECRETS}
        url = self.url.set(drivername="postgresql").update_query_dict(hidden)
        return url.render_as_string(hide_password=True)

    def __str__(self) -> str:
        """The whole URL, password and all, for opening it again elsewhere."""
        return self.url.render_as_string(hide_password=False)

    def __repr__(self) -> str:
        return f"Address({self.shown})"


def default_url() -> str:
    """What LAYERLAB_DATABASE_URL names, or a file in the platform's folder for user data."""
    return os.environ.get(VARIABLE) or f"sqlite:///{user_data_path('layerlab') / 'layerlab.db'}"


def parse(text: str | None = None) -> Address:
    """The address that a URL names, a file's path made absolute; raises DatabaseError."""
    text = text or default_url()
    try:
        url = make_url(re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql+psycopg://", text))
    except (ArgumentError, ValueError):
        raise _unreadable(text) from None
    if url.drivername == "postgresql+psycopg":
        return Address(url, None)
    if url.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise _unreadable(text)
    if url.database in (None, "", ":memory:") or str(url.database).startswith("file:"):
        raise DatabaseError(
            Message(
                "`{address}` names no plain file, and every process must find the same one; write"
                " sqlite:////folder/runs.db.",
                address=text,
            )
        )
    if url.query.get("mode", "ro") != "ro":
        asks = Message("`{address}` asks for another mode than `?mode=ro`, which only reads.")
        raise DatabaseError(asks.filled(address=text))
    file = Path(str(url.database)).expanduser().absolute()
    return Address(url.set(database=str(file)), file)


def _unreadable(text: str) -> DatabaseError:
    shown = re.sub(r"//[^/]*@", "//***@", text)
    return DatabaseError(
        Message(
            "`{address}` is not the address of a database; write sqlite:////folder/runs.db or"
            " postgresql://user:password@host/name (in {variable} or --database).",
            address=shown,
            variable=VARIABLE,
        )
    )
