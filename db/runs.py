"""Runs as lists and headers show them: found, sorted, named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Unpack

from sqlalchemy import Connection, Update, select, update
from sqlalchemy.orm import InstrumentedAttribute

from db import search
from db.connection import Database, now
from db.groups import group
from db.models import EventRow, ParamRow, RunRow
from db.params import Param, value_of
from db.purge import purge
from db.reasons import newest, worded
from db.records import Event, EventKind, GroupPage, Run, RunPage, Search, Status
from db.remaking import began_with
from db.rights import Action
from db.rows import run_of, select_these_runs
from db.search import portions, possible
from db.sparklines import sparklines
from db.trained_on import trained_on_of
from db.words import clean_name
from engine.messages import Message
from engine.trained_on import TrainedOn


class Runs:
    """Every run, one at a time or in pages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, run_id: int) -> Run | None:
        return self.get_many([run_id]).get(run_id)

    def get_many(self, run_ids: Iterable[int]) -> dict[int, Run]:
        """The runs that exist, by id, in the order asked for."""
        wanted = possible(run_ids)
        with self._database.read() as connection:
            found = _runs(connection, wanted)
        return {run_id: found[run_id] for run_id in wanted if run_id in found}

    def find(
        self,
        *,
        sort: str = "created",
        descending: bool = True,
        limit: int = 50,
        offset: int = 0,
        **asked: Unpack[Search],
    ) -> RunPage:
        """One page of the runs that a search finds, sorted by one of `search.SORTS` or by a name of
        the query language. History is never read.

        Raises QueryError, and ConfigError for an order that is not known.
        """
        wanted = search.conditions(**asked)
        order = search.order(sort, descending=descending)
        with self._database.read() as connection:
            ids, total = search.find(connection, wanted, order, limit=limit, offset=offset)
            shown = _runs(connection, ids)
        return RunPage(tuple(shown[run_id] for run_id in ids), total)

    def ids(
        self, *, sort: str = "created", descending: bool = True, **asked: Unpack[Search]
    ) -> list[int]:
        """The numbers of all that `find` would find, in its order."""
        wanted = search.conditions(**asked)
        order = search.order(sort, descending=descending)
        with self._database.read() as connection:
            return search.find(connection, wanted, order, limit=search.LARGEST_ID, offset=0)[0]

    def groups(
        self,
        by: str,
        *,
        sort: str = "newest",
        descending: bool = True,
        limit: int = 50,
        offset: int = 0,
        **asked: Unpack[Search],
    ) -> GroupPage:
        """One page of groups of the runs that `find` would find: by a name of the query language,
        or `groups.SEED` for all but the seed. `sort` is `newest`, `size`, or a score by its mean.

        Raises QueryError, and ConfigError for a name that is not known.
        """
        wanted = search.conditions(**asked)
        with self._database.read() as connection:
            return group(
                connection,
                by,
                wanted,
                sort=sort,
                descending=descending,
                limit=limit,
                offset=offset,
            )

    def owners(self) -> list[str]:
        """Everyone who launched a run."""
        with self._database.read() as connection:
            owners = select(RunRow.owner).distinct().order_by(RunRow.owner)
            return list(connection.execute(owners).scalars())

    def trained_on(self, run_id: int) -> TrainedOn | None:
        """What a run trained on: the fingerprint of its data, their shapes and names, and how they
        were scaled. None where it never began, or began before that was kept."""
        with self._database.read() as connection:
            return trained_on_of(connection, run_id)

    def backend(self, run_id: int) -> str | None:
        """The name of the backend that a run trains on; None where it has not begun."""
        with self._database.read() as connection:
            return began_with(connection, run_id)

    def rename(self, run_id: int, name: str) -> bool:
        """Give a run another name; False where there is no such run."""
        change = update(RunRow).where(RunRow.id == run_id).values(name=clean_name(name))
        with self._database.change(Action.RENAME, "run", [run_id]) as connection:
            return connection.execute(change.returning(RunRow.id)).first() is not None

    def archive(self, run_ids: Iterable[int]) -> list[int]:
        """Put runs that have ended out of the way; answers which that changed."""
        return self._mark(Action.ARCHIVE, run_ids, RunRow.archived_at)

    def unarchive(self, run_ids: Iterable[int]) -> list[int]:
        """Bring archived runs back; answers which that changed."""
        return self._unmark(Action.ARCHIVE, run_ids, RunRow.archived_at)

    def delete(self, run_ids: Iterable[int]) -> list[int]:
        """Put runs that have ended where they can be restored or purged; answers which that
        changed. Cancel what is queued or running first."""
        return self._mark(Action.DELETE, run_ids, RunRow.deleted_at)

    def restore(self, run_ids: Iterable[int]) -> list[int]:
        """Undo `delete`; answers which runs that changed."""
        return self._unmark(Action.DELETE, run_ids, RunRow.deleted_at)

    def purge(self, run_ids: Iterable[int] | None = None) -> list[int]:
        """Remove deleted runs for good, all of them where none are named, and give their space
        back; answers which are gone."""
        return purge(self._database, None if run_ids is None else possible(run_ids))

    def _mark(
        self, action: Action, run_ids: Iterable[int], mark: InstrumentedAttribute[datetime | None]
    ) -> list[int]:
        ended = RunRow.status.in_([status for status in Status if status.ended])
        wanted = possible(run_ids)
        with self._database.change(action, "run", wanted) as connection:
            change = update(RunRow).where(mark.is_(None), ended).values({mark: now(connection)})
            return _changed(connection, change, wanted)

    def _unmark(
        self, action: Action, run_ids: Iterable[int], mark: InstrumentedAttribute[datetime | None]
    ) -> list[int]:
        wanted = possible(run_ids)
        with self._database.change(action, "run", wanted) as connection:
            change = update(RunRow).where(mark.is_not(None)).values({mark: None})
            return _changed(connection, change, wanted)

    def events(self, run_id: int, *, after_id: int = 0) -> list[Event]:
        """What happened to a run, in order; only events after `after_id`."""
        event = EventRow
        rows = (
            select(event.id, event.run_id, event.attempt, event.at, event.kind, event.data)
            .where(event.run_id == run_id, event.id > after_id)
            .order_by(event.id)
        )
        with self._database.read() as connection:
            found = connection.execute(rows).all()
        return [Event(**row._asdict() | {"data": worded(row.data)}) for row in found]

    def why_ended(self, run_id: int) -> Message | None:
        """Why a run failed or was stopped, where one did."""
        with self._database.read() as connection:
            return newest(connection, run_id, "error", EventKind.FAILED, EventKind.STOPPED)

    def params(self, run_ids: Iterable[int]) -> dict[int, dict[str, Param]]:
        """Every hyperparameter of runs by its dotted name, as in `RunConfig.flat()`."""
        found: dict[int, dict[str, Param]] = {run_id: {} for run_id in possible(run_ids)}
        param = ParamRow
        columns = param.run_id, param.name, param.number, param.text, param.flag
        with self._database.read() as connection:
            for some in portions(list(found)):
                rows = select(*columns).where(param.run_id.in_(some))
                ordered = rows.order_by(param.run_id, param.place)
                for run_id, name, number, text, flag in connection.execute(ordered):
                    found[run_id][name] = value_of(number, text, flag)
        return found

    def sparklines(self, run_ids: Iterable[int]) -> dict[int, list[float]]:
        """The loss of runs in a few points: of each epoch, or of batches before the first ends."""
        with self._database.read() as connection:
            return sparklines(connection, possible(run_ids))


def _runs(connection: Connection, run_ids: Sequence[int]) -> dict[int, Run]:
    found: dict[int, Run] = {}
    for some in portions(run_ids):
        rows = connection.execute(select_these_runs(), {"ids": some}).all()
        found |= {run.id: run for run in map(run_of, rows)}
    return found


def _changed(connection: Connection, change: Update, wanted: Sequence[int]) -> list[int]:
    """Which of the runs a change reached."""
    changed: set[int] = set()
    for some in portions(wanted):
        reached = change.where(RunRow.id.in_(some)).returning(RunRow.id)
        changed |= set(connection.execute(reached).scalars())
    return [run_id for run_id in wanted if run_id in changed]
