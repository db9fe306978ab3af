"""Tags: words that people put on runs."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, select

from db.bulk import upsert
from db.connection import Database
from db.models import RunRow, TagRow
from db.rights import Action
from db.search import portions, possible
from db.words import clean_tag


class Tags:
    """The words on each run; a run shows its own as `Run.tags`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, run_ids: Iterable[int], names: Iterable[str]) -> None:
        """Put tags on runs; those that do not exist are passed over."""
        tags, wanted = {clean_tag(name) for name in names}, possible(run_ids)
        with self._database.change(Action.TAG, "run", wanted) as connection:
            for some in portions(wanted):
                there = select(RunRow.id).where(RunRow.id.in_(some))
                locked = there.with_for_update(read=True, key_share=True)
                ids = connection.execute(locked).scalars()
                rows = [(i, tag) for i in ids for tag in sorted(tags)]
                upsert(connection, TagRow.__table__, rows)

    def remove(self, run_ids: Iterable[int], names: Iterable[str]) -> None:
        """Take tags off runs."""
        tags, wanted = {clean_tag(name) for name in names}, possible(run_ids)
        with self._database.change(Action.TAG, "run", wanted) as connection:
            for some in portions(wanted):
                of_runs = TagRow.run_id.in_(some)
                connection.execute(delete(TagRow).where(of_runs, TagRow.name.in_(tags)))

    def names(self) -> list[str]:
        """Every tag that is on a run, in the order of the alphabet."""
        with self._database.read() as connection:
            return sorted(connection.execute(select(TagRow.name).distinct()).scalars())
