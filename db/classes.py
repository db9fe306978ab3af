"""Classes: people who answer the same lessons together. Whoever has a class's link is of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select

from db.connection import Database, now
from db.models import ClassRow
from db.records import LessonClass
from db.rights import Action
from db.words import clean_owner, clean_title, link_key
from engine.errors import ConfigError
from engine.messages import Message

_CLASSES = select(
    ClassRow.key,
    ClassRow.name,
    ClassRow.owner,
    ClassRow.lessons,
    ClassRow.until,
    ClassRow.created_at,
)


class Classes:
    """Every class."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def make(
        self, name: str, lessons: Sequence[str], *, owner: str, until: datetime | None = None
    ) -> LessonClass:
        """A new class, whose key nobody can guess; raises ConfigError where it has no name or no
        lessons."""
        name = clean_title(name)
        if not lessons:
            raise ConfigError.at(("lessons",), Message("must hold at least {n} item(s)", n=1))
        with self._database.change(Action.MAKE_CLASS) as connection:
            new = {
                "key": link_key(name, otherwise="class"),
                "name": name,
                "owner": clean_owner(self._database.signed(owner)),
                "person_id": self._database.person_id,
                "lessons": " ".join(dict.fromkeys(lessons)),
                "until": until,
                "created_at": now(connection),
            }
            connection.execute(insert(ClassRow).values(new))
            self._database.made(connection, Action.MAKE_CLASS, "class", [new["key"]])
            return _class(connection.execute(_CLASSES.where(ClassRow.key == new["key"])).one())

    def get(self, key: str) -> LessonClass | None:
        """The class that a link names."""
        with self._database.read() as connection:
            row = connection.execute(_CLASSES.where(ClassRow.key == key)).first()
        return None if row is None else _class(row)

    def made_by(self, owner: str) -> list[LessonClass]:
        """Somebody's classes, the newest first."""
        rows = _CLASSES.where(ClassRow.owner == clean_owner(owner)).order_by(ClassRow.id.desc())
        with self._database.read() as connection:
            return [_class(row) for row in connection.execute(rows)]


def open_class(connection: Connection, key: str) -> None:
    """Raise ConfigError where there is no such class, or it is over."""
    until = select(ClassRow.until).where(ClassRow.key == key)
    row = connection.execute(until).first()
    if row is None:
        raise ConfigError.at(("class",), Message("must be one that exists").got(key))
    if row.until is not None and row.until < now(connection):
        over = Message(
            "is over: it was open until {until} UTC", until=f"{row.until:%Y-%m-%d %H:%M}"
        )
        raise ConfigError.at(("class",), over)


def _class(row: Row[str, str, str, str, datetime | None, datetime]) -> LessonClass:
    key, name, owner, lessons, until, created_at = row
    return LessonClass(key, name, owner, tuple(lessons.split()), until, created_at)
