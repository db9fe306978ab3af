"""The audit: who changed what, with what stood there before and after.

A change and its row are one transaction (`db/acting.py`). What a row says is compared as it stands
in the tables, so that no method describes its own change.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, func, insert, select

from db.connection import Database, now
from db.models import (
    AuditRow,
    ClassRow,
    DataRow,
    LessonRow,
    NoteRow,
    PersonRow,
    QueueRow,
    RunRow,
    SweepRow,
    TagRow,
    ViewRow,
)
from db.records import Change
from db.rights import Action, Kind
from db.search import portions, possible
from db.words import FORMULA

_SHELVED = ("archived_at", "deleted_at")
_TAGS = select(func.aggregate_strings(TagRow.name, "\n")).where(TagRow.run_id == RunRow.id)
_NOTE = select(NoteRow.text).where(NoteRow.run_id == RunRow.id)


@dataclass(frozen=True, slots=True)
class _Kept:
    """Where things of one kind stand: their key, and what of them is compared."""

    table: Table
    key: str
    columns: Sequence[str]
    more: Sequence[ColumnElement[Any]] = ()
    owned: bool = True  # whether a row says by `person_id` whose it is


_KEPT: Mapping[Kind, _Kept] = MappingProxyType(
    {
        "run": _Kept(
            RunRow.__table__,
            "id",
            ("name", "owner", "status", "request", "priority", "time_limit", *_SHELVED),
            (_TAGS.scalar_subquery().label("tags"), _NOTE.scalar_subquery().label("note")),
        ),
        "sweep": _Kept(SweepRow.__table__, "id", ("name", "owner", "state", "definition")),
        "view": _Kept(ViewRow.__table__, "id", ("name", "owner", "state")),
        "data": _Kept(DataRow.__table__, "id", ("name", "version", "owner", "content")),
        "class": _Kept(ClassRow.__table__, "key", ("name", "owner", "lessons", "until")),
        "lesson": _Kept(LessonRow.__table__, "key", ("owner", "document")),
        "queue": _Kept(QueueRow.__table__, "id", ("paused", "owner_limit"), owned=False),
        "person": _Kept(
            PersonRow.__table__,
            "id",
            ("issuer", "subject", "name", "role", "disabled", "sessions_valid_after"),
            owned=False,
        ),
    }
)

KINDS: tuple[str, ...] = (*_KEPT, "prediction")
"""Kinds of things of which changes are noted."""

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Who:
    """Whoever made a change: a person, or an account at the command line."""

    person_id: int | None
    name: str


@dataclass(frozen=True, slots=True)
class Thing:
    """What stands in the tables of one thing, and who made it."""

    person_id: int | None
    facts: Facts


def things(connection: Connection, kind: Kind, keys: Iterable[Any]) -> dict[Any, Thing]:
    """Those that exist, by their keys, kept as they are until this transaction ends."""
    kept = _KEPT[kind]
    columns = kept.table.c
    key = columns[kept.key]
    whose = [columns.person_id] if kept.owned else []
    rows = select(key, *whose, *(columns[name] for name in kept.columns), *kept.more)
    held = rows.with_for_update(of=kept.table, key_share=True).order_by(key)
    found: dict[Any, Thing] = {}
    wanted = [key for key in keys if not isinstance(key, int) or possible([key])]
    for some in portions(wanted):
        for row in connection.execute(held.where(key.in_(some))):
            found[row[0]] = _thing(row, owned=kept.owned)
    return found


def _thing(row: Row[Any], *, owned: bool) -> Thing:
    facts = dict(row._mapping)
    del facts[row._fields[0]]
    whose = facts.pop("person_id") if owned else None
    if tags := facts.get("tags"):
        facts["tags"] = sorted(tags.split("\n"))  # a database gives them in any order
    return Thing(whose, {name: _plain(value) for name, value in facts.items()})


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def note_changes(
    connection: Connection,
    who: Who,
    action: Action,
    kind: Kind,
    before: Mapping[Any, Thing],
    after: Mapping[Any, Thing],
) -> None:
    """Write a row for each thing that is not as it was."""
    time = now(connection)
    rows = []
    for key in [*before, *(key for key in after if key not in before)]:
        old, new = before.get(key), after.get(key)
        changed = _difference(old.facts if old else None, new.facts if new else None)
        if changed is not None:
            rows.append(_row(who, action, kind, str(key), *changed) | {"at": time})
    if rows:
        connection.execute(insert(AuditRow), rows)


def note_one(
    connection: Connection,
    who: Who,
    action: Action,
    kind: str,
    key: str,
    *,
    before: Facts | None,
    after: Facts,
) -> None:
    """Write a row for what is no row of its own, such as a prediction."""
    row = _row(who, action, kind, key, before, after) | {"at": now(connection)}
    connection.execute(insert(AuditRow), [row])


def _row(
    who: Who, action: Action, kind: str, key: str, before: Facts | None, after: Facts | None
) -> dict[str, Any]:
    what = {"action": action, "kind": kind, "key": key, "before": before, "after": after}
    return {"person_id": who.person_id, "name": who.name} | what


def _difference(
    before: Facts | None, after: Facts | None
) -> tuple[Facts | None, Facts | None] | None:
    """What differs, before and after; all of it where a thing is new or gone."""
    if before is None or after is None:
        return None if before is after else (before, after)
    names = [name for name in after if before[name] != after[name]]
    if not names:
        return None
    return {name: before[name] for name in names}, {name: after[name] for name in names}


COMMAND_LINE = 0
"""The number that stands for nobody who signed in: changes by commands. No person has it."""


class Audit:
    """Every change that somebody made who was signed in, and every change of people."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def changes(
        self,
        *,
        person_id: int | None = None,
        action: Action | None = None,
        kind: str | None = None,
        key: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[Change]:
        """Changes, the newest first: all, or those by somebody (`COMMAND_LINE` for commands), of an
        action, of a kind of things or of one thing."""
        asked = _asked(person_id, action, kind, key)
        row = AuditRow
        columns = (row.id, row.at, row.person_id, row.name, row.action, row.kind, row.key)
        rows = select(*columns, row.before, row.after).where(*asked)
        page = rows.order_by(row.id.desc()).limit(limit).offset(offset)
        self._database.require(Action.READ_AUDIT)
        with self._database.read() as connection:
            return [Change(*found) for found in connection.execute(page)]

    def count(
        self,
        *,
        person_id: int | None = None,
        action: Action | None = None,
        kind: str | None = None,
        key: str | None = None,
    ) -> int:
        """How many changes were noted: all, or those that `changes` would find."""
        asked = _asked(person_id, action, kind, key)
        self._database.require(Action.READ_AUDIT)
        with self._database.read() as connection:
            counted = select(func.count()).select_from(AuditRow).where(*asked)
            return connection.execute(counted).scalar_one()

    def get(self, change_id: int) -> Change | None:
        """A change by its number."""
        row = AuditRow
        columns = (row.id, row.at, row.person_id, row.name, row.action, row.kind, row.key)
        one = select(*columns, row.before, row.after).where(row.id == change_id)
        self._database.require(Action.READ_AUDIT)
        if not possible([change_id]):
            return None
        with self._database.read() as connection:
            found = connection.execute(one).first()
        return Change(*found) if found else None

    def names(self) -> dict[int, str]:
        """Everybody who may have changed something, by their numbers, under their names of now."""
        everybody = select(PersonRow.id, PersonRow.name).order_by(PersonRow.name)
        self._database.require(Action.READ_AUDIT)
        with self._database.read() as connection:
            return {row.id: row.name for row in connection.execute(everybody)}


def _asked(
    person_id: int | None, action: Action | None, kind: str | None, key: str | None
) -> list[ColumnElement[bool]]:
    """What changes have to fulfil."""
    row = AuditRow
    who = row.person_id.is_(None) if person_id == COMMAND_LINE else row.person_id == person_id
    asked = [] if person_id is None else [who]
    others = {row.action: action, row.kind: kind, row.key: key}
    return asked + [column == value for column, value in others.items() if value is not None]


def to_csv(changes: Iterable[Change]) -> str:
    """Changes as a table for other programs, none of its texts one that a spreadsheet would take
    for a formula."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([field.name for field in fields(Change)])
    for change in changes:
        writer.writerow([_cell(value) for value in astuple(change)])
    return file.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False)
    return re.sub(FORMULA, r"'\1", value) if isinstance(value, str) else value
