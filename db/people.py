"""People: who signs in, what they are here, and from when on their sessions count.

Whoever signs in is known by what their provider calls them, its address and their number there
(OpenID Connect's `iss` and `sub`): names and mail addresses change hands, and two people may have
one. The name shown is made unlike everybody else's.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import count
from shlex import quote
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from db.audit import Who, note_changes, things
from db.connection import Database, now
from db.errors import AwayError
from db.models import OWNER_LENGTH, SUBJECT_LENGTH, PersonRow
from db.records import Person
from db.rights import Action, RightsError, Role
from db.words import clean, clean_name
from engine.errors import ConfigError, LayerlabError
from engine.messages import Message

PROXY = "proxy"
"""The issuer of those whom a trusted proxy names."""

_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_TRIALS = 100  # to give somebody a name that nobody took meanwhile

_PEOPLE = select(
    PersonRow.id,
    PersonRow.issuer,
    PersonRow.subject,
    PersonRow.name,
    PersonRow.role,
    PersonRow.disabled,
    PersonRow.sessions_valid_after,
    PersonRow.created_at,
)


class People:
    """Everybody who may sign in. Changes name who made them, `by`, and are in the audit."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, subject: str, *, issuer: str, role: Role, by: str, name: str = "") -> Person:
        """Make somebody known before they sign in.

        Raises ConfigError where they are known already, or their name is another's.
        """
        key = {"issuer": _known_by(issuer, "issuer"), "subject": _known_by(subject, "subject")}
        name = clean_person(name or subject)
        with self._database.change(Action.MANAGE_PEOPLE) as connection:
            if connection.execute(_PEOPLE.filter_by(**key)).first():
                rule = Message("must be one that is not known yet")
                raise ConfigError.at(("subject",), rule.got(subject))
            if name in _names(connection):
                rule = Message("must be one that nobody else has")
                raise ConfigError.at(("name",), rule.got(name))
            return _add(connection, key, name, role, by=self._who(by))

    def list(self) -> list[Person]:
        """Everybody, by name."""
        self._database.require(Action.MANAGE_PEOPLE)
        with self._database.read() as connection:
            rows = connection.execute(_PEOPLE.order_by(PersonRow.name))
            return [_person(row) for row in rows]

    def get(self, person_id: int) -> Person | None:
        """Somebody by their number."""
        with self._database.read() as connection:
            row = connection.execute(_PEOPLE.where(PersonRow.id == person_id)).first()
        return None if row is None else _person(row)

    def named(self, name: str) -> Person | None:
        """Somebody by their name."""
        with self._database.read() as connection:
            row = connection.execute(_PEOPLE.where(PersonRow.name == clean(name))).first()
        return None if row is None else _person(row)

    def set_role(self, person_id: int, role: Role, *, by: str) -> None:
        """Say what somebody may do from now on; raises LayerlabError where there is nobody."""
        with self._change(person_id, by) as connection:
            _update(connection, person_id, role=role)

    def disable(self, person_id: int, *, by: str) -> None:
        """Let somebody in no more, nor change anything: at once, and with every cookie they have;
        raises LayerlabError where there is nobody."""
        with self._change(person_id, by) as connection:
            ended = now(connection)
            _update(connection, person_id, disabled=True, sessions_valid_after=ended)

    def enable(self, person_id: int, *, by: str) -> None:
        """Let somebody in again, once they sign in anew; raises LayerlabError where there is
        nobody."""
        with self._change(person_id, by) as connection:
            _update(connection, person_id, disabled=False)

    def sign_out(self, person_id: int, *, by: str) -> None:
        """End every session of somebody, copied cookies among them: whoever comes next has signed
        in after this. Raises LayerlabError where there is nobody."""
        with self._change(person_id, by) as connection:
            _update(connection, person_id, sessions_valid_after=now(connection))

    def admit(
        self,
        issuer: str,
        subject: str,
        *,
        name: str,
        at: datetime | None = None,
        new: Role | None,
    ) -> Person:
        """Whoever has signed in, `at` that time where it is known. Who comes first is `new` here.

        Raises RightsError for those who are disabled, have to sign in again, or are unknown where
        nobody is let in who is `new`.
        """
        key = {"issuer": _known_by(issuer, "issuer"), "subject": _known_by(subject, "subject")}
        with self._database.read() as connection:
            row = connection.execute(_PEOPLE.filter_by(**key)).first()
        if row is None:
            return self._welcome(key, name, new)
        person = _person(row)
        if person.disabled:
            shut = Message("You are not let in here: {name} has been disabled.")
            raise RightsError(shut.filled(name=person.name))
        if at is not None and at < person.sessions_valid_after:
            raise RightsError(Message("This session has ended: sign in again."))
        return person

    def _welcome(self, key: dict[str, str], name: str, new: Role | None) -> Person:
        if new is None:
            unknown = Message(
                "Nobody knows you here yet. Ask an administrator to run: layerlab people add"
                " {subject} --issuer {issuer}"
            )
            raise RightsError(unknown.filled(**{each: quote(text) for each, text in key.items()}))
        wanted = clean_person(name, cut=True) or clean_person(key["subject"], cut=True)
        for _trial in range(_TRIALS):
            with suppress(IntegrityError), self._database.write() as connection:
                if found := connection.execute(_PEOPLE.filter_by(**key)).first():
                    return _person(found)  # in another tab
                taken = _names(connection)
                free = next(each for each in _variants(wanted) if each not in taken)
                return _add(connection, key, free, new)
        raise AwayError(Message("Too many people came at once: try again."))

    @contextmanager
    def _change(self, person_id: int, by: str) -> Iterator[Connection]:
        """A change of somebody, noted in the audit whoever makes it."""
        action = Action.MANAGE_PEOPLE
        with self._database.change(action) as connection:
            before = things(connection, "person", [person_id])
            if not before:
                raise LayerlabError(Message("there is nobody with the number {id}", id=person_id))
            yield connection
            after = things(connection, "person", [person_id])
            note_changes(connection, self._who(by), action, "person", before, after)

    def _who(self, by: str) -> Who:
        return Who(self._database.person_id, clean_person(self._database.signed(by), cut=True))


def clean_person(name: str, *, cut: bool = False) -> str:
    """A person's name on one line, without characters that are not seen; raises ConfigError where
    it is empty, too long or holds what turns text around. What a provider says is `cut` instead."""
    if not cut:
        name = clean_name(name)
    visible = "".join(c for c in name if unicodedata.category(c) != "Cf")
    name = clean(unicodedata.normalize("NFC", visible))
    if cut:
        return name[:OWNER_LENGTH].strip()
    if not 0 < len(name) <= OWNER_LENGTH:
        rule = Message("must be 1 to {most} characters long", most=OWNER_LENGTH)
        raise ConfigError.at(("name",), rule.got(len(name)))
    return name


def _known_by(text: str, field: str) -> str:
    """What a provider calls somebody or itself: kept to the letter, or refused."""
    if not (0 < len(text) <= SUBJECT_LENGTH and text == clean(text)):
        rule = Message("must be 1 to {most} characters on one line", most=SUBJECT_LENGTH)
        raise ConfigError.at((field,), rule.got(len(text)))
    return text


def _variants(name: str) -> Iterator[str]:
    """The name, and then others like it."""
    yield name
    for number in count(2):
        ending = f" ({number})"
        yield name[: OWNER_LENGTH - len(ending)] + ending


def _names(connection: Connection) -> set[str]:
    return set(connection.execute(select(PersonRow.name)).scalars())


def _add(
    connection: Connection,
    key: dict[str, str],
    name: str,
    role: Role,
    *,
    by: Who | None = None,
) -> Person:
    """A new person, made known by somebody or by having signed in."""
    values = key | {"name": name, "role": role, "disabled": False}
    times = {"sessions_valid_after": _EVER, "created_at": now(connection)}
    new = insert(PersonRow).values(values | times).returning(PersonRow.id)
    person_id = connection.execute(new).scalar_one()
    made = things(connection, "person", [person_id])
    note_changes(connection, by or Who(person_id, name), Action.MANAGE_PEOPLE, "person", {}, made)
    return _person(connection.execute(_PEOPLE.where(PersonRow.id == person_id)).one())


def _update(connection: Connection, person_id: int, **values: Any) -> None:
    connection.execute(update(PersonRow).where(PersonRow.id == person_id).values(values))


def _person(row: Row[*tuple[Any, ...]]) -> Person:
    return Person(*row)
