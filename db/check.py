"""Is everything in order? What no query would show: damage, and runs that nobody trains."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from sqlalchemy import Connection, select

from db import address, schema
from db.checkpoints import Checkpoints
from db.connection import Database, now
from db.models import RunRow
from db.records import Status


def check(url: str) -> list[str]:
    """A sentence for each fault; none where all is well. Changes nothing."""
    with closing(Database(address.parse(url))) as database:
        schema.check(database)
        with database.read() as connection:
            damage = [*_damage(connection)] if connection.dialect.name == "sqlite" else []
            if damage:  # whatever else it answers cannot be trusted
                return damage
            faults = [*_abandoned(connection)]
        return [*faults, *_unreadable(database)]


def _damage(connection: Connection) -> Iterator[str]:
    for line in connection.exec_driver_sql("PRAGMA integrity_check").scalars():
        if line != "ok":
            yield f"The file is damaged, restore a backup: {line}"
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"A row of the table {row[0]} belongs to nothing in {row[2]} (row {row[1]})."


def _abandoned(connection: Connection) -> Iterator[str]:
    run = RunRow
    expired = run.status == Status.RUNNING, run.lease_until < now(connection)
    rows = select(run.id, run.lease_until).where(*expired).order_by(run.id)
    for run_id, until in connection.execute(rows):
        yield (
            f"Run {run_id} is running, but its lease expired at {until:%Y-%m-%d %H:%M:%S} UTC;"
            " a dispatcher will queue it again (`layerlab dispatch`)."
        )


def _unreadable(database: Database) -> Iterator[str]:
    for run_id, count in Checkpoints(database).unreadable().items():
        yield f"Run {run_id} has {count} checkpoint{'s' * (count > 1)} that cannot be read."
