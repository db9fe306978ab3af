"""A database as one person may use it: what they change is allowed, and noted, in the transaction
that changes it.

The person's row is read there too, so that a role taken away counts from that moment on, whatever a
page or a cookie still holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Row, select

from db.audit import Who, note_changes, note_one, things
from db.connection import Database
from db.models import PersonRow
from db.records import Person
from db.rights import Action, Kind, RightsError, Role, may, not_yours, refusal
from engine.messages import Message


class Acting(Database):
    """The same database and the same connections, for what one person asks."""

    def __init__(self, database: Database, person: Person) -> None:
        vars(self).update(vars(database))
        self._person = person

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Nobody: what no action allows is the program's own."""
        raise RightsError(Message("Only layerlab itself may do this, nobody who is signed in."))
        yield

    @contextmanager
    def change(
        self, action: Action, kind: Kind | None = None, keys: Iterable[Any] = ()
    ) -> Iterator[Connection]:
        """A transaction that writes, where the person may do this with the things of those keys;
        raises RightsError where they may not. What differs afterwards is noted."""
        wanted = list(keys)
        with super().write() as connection:
            row = self._allowed(connection, action)
            before = things(connection, kind, wanted) if kind else {}
            for key, thing in before.items():
                own = thing.person_id == self._person.id
                if kind and not may(row.role, action, own=own):
                    raise not_yours(action, row.role, kind, key)
            yield connection
            if kind:
                after = things(connection, kind, wanted)
                note_changes(connection, self._who, action, kind, before, after)

    def made(self, connection: Connection, action: Action, kind: Kind, keys: Sequence[Any]) -> None:
        new = things(connection, kind, keys)
        note_changes(connection, self._who, action, kind, {}, new)

    def noted(
        self,
        connection: Connection,
        action: Action,
        key: str,
        *,
        before: dict[str, Any] | None,
        after: dict[str, Any],
    ) -> None:
        note_one(connection, self._who, action, "prediction", key, before=before, after=after)

    def require(self, action: Action) -> None:
        with self.read() as connection:
            self._allowed(connection, action)

    @property
    def person_id(self) -> int:
        return self._person.id

    def signed(self, name: str) -> str:
        """The person's own name, whatever was typed."""
        del name
        return self._person.name

    def may_change(self, action: Action, whose: int | None, connection: Connection) -> bool:
        own = whose == self._person.id
        return may(self._allowed(connection, action).role, action, own=own)

    def close(self) -> None:
        """Nothing: the connections are those of the database that others use too."""

    def _allowed(self, connection: Connection, action: Action) -> Row[Role, bool]:
        """The person's row as it stands now; raises RightsError where they may not do this."""
        row = connection.execute(_PERSON.where(PersonRow.id == self._person.id)).first()
        if row is None or row.disabled:
            gone = Message("You may change nothing here any more: {name} has been disabled.")
            raise RightsError(gone.filled(name=self._person.name))
        if not may(row.role, action):
            raise refusal(action, row.role)
        return row

    @property
    def _who(self) -> Who:
        return Who(self._person.id, self._person.name)


_PERSON = select(PersonRow.role, PersonRow.disabled)
