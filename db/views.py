"""Saved views: how people looked at runs, to look so again or to show others."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update

from db.bulk import insert_or_replace
from db.connection import Database, now
from db.models import ViewRow
from db.records import View
from db.rights import Action
from db.search import possible
from db.words import clean_owner, clean_title
from engine.errors import ConfigError
from engine.messages import Message

LARGEST = 100_000  # characters of a view's state as JSON

_VIEWS = select(ViewRow.id, ViewRow.owner, ViewRow.name, ViewRow.state, ViewRow.changed_at)


class Views:
    """Views by owner and name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, name: str, state: Mapping[str, Any], *, owner: str) -> View:
        """Keep a view; the owner's earlier one of that name is replaced."""
        name, owner = clean_title(name), clean_owner(self._database.signed(owner))
        if (length := len(json.dumps(dict(state)))) > LARGEST:
            rule = Message("must be at most {most:,} characters of JSON; got {length:,}")
            raise ConfigError.at(("state",), rule.filled(most=LARGEST, length=length))
        its_own = (ViewRow.owner == owner, ViewRow.name == name)
        there = self._keys(*its_own)
        with self._database.change(Action.SAVE_VIEW, "view", there) as connection:
            values = {"state": state, "changed_at": now(connection)}
            new = insert_or_replace(connection, ViewRow.__table__).values(
                values | {"owner": owner, "name": name, "person_id": self._database.person_id}
            )
            replaced = new.on_conflict_do_update(index_elements=["owner", "name"], set_=values)
            connection.execute(replaced)
            view = View(*connection.execute(_VIEWS.where(*its_own)).one())
            if view.id not in there:
                self._database.made(connection, Action.SAVE_VIEW, "view", [view.id])
            return view

    def get(self, view_id: int) -> View | None:
        """A view by its number, as a link names it."""
        with self._database.read() as connection:
            row = connection.execute(_VIEWS.where(_numbered(view_id))).first()
        return None if row is None else View(*row)

    def list(self, owner: str | None = None) -> Sequence[View]:
        """All views, or those of an owner, by name."""
        views = _VIEWS.order_by(ViewRow.name, ViewRow.owner)
        if owner is not None:
            views = views.where(ViewRow.owner == clean_owner(owner))
        with self._database.read() as connection:
            return [View(*row) for row in connection.execute(views)]

    def rename(self, view_id: int, name: str) -> bool:
        """Give a view another name; False where there is no such view.

        Raises ConfigError where its owner has another view of that name.
        """
        name = clean_title(name)
        its_owner = select(ViewRow.owner).where(_numbered(view_id)).scalar_subquery()
        taken = select(ViewRow.id).where(
            ViewRow.owner == its_owner, ViewRow.name == name, ~_numbered(view_id)
        )
        with self._database.change(Action.RENAME, "view", [view_id]) as connection:
            if connection.execute(taken).first():
                raise ConfigError.at(
                    ("name",), Message("must be one that no other view has").got(name)
                )
            change = update(ViewRow).where(_numbered(view_id)).values(name=name)
            return connection.execute(change).rowcount == 1

    def delete(self, view_id: int) -> bool:
        """Forget a view; False where there is no such view."""
        with self._database.change(Action.DELETE, "view", [view_id]) as connection:
            return connection.execute(delete(ViewRow).where(_numbered(view_id))).rowcount == 1

    def _keys(self, *conditions: ColumnElement[bool]) -> Sequence[int]:
        with self._database.read() as connection:
            return connection.execute(select(ViewRow.id).where(*conditions)).scalars().all()


def _numbered(view_id: int) -> ColumnElement[bool]:
    return ViewRow.id.in_(possible([view_id]))
