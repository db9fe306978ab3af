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
from engine.messages import Message


def check(url: str) -> list[Message]:
    """What is at fault; nothing where all is well. Changes nothing."""
    with closing(Database(address.parse(url))) as database:
        schema.check(database)
        with database.read() as connection:
            damage = [*_damage(connection)] if connection.dialect.name == "sqlite" else []
            if damage:  # whatever else it answers cannot be trusted
                return damage
            faults = [*_abandoned(connection)]
        return [*faults, *_unreadable(database)]


def _damage(connection: Connection) -> Iterator[Message]:
    for line in connection.exec_driver_sql("PRAGMA integrity_check").scalars():
        if line != "ok":
            yield Message("The file is damaged, restore a backup: {detail}", detail=line)
    for table, number, parent, _key in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        stray = Message("A row of the table {table} belongs to nothing in {parent} (row {number}).")
        yield stray.filled(table=table, parent=parent, number=number)


def _abandoned(connection: Connection) -> Iterator[Message]:
    run = RunRow
    expired = run.status == Status.RUNNING, run.lease_until < now(connection)
    rows = select(run.id, run.lease_until).where(*expired).order_by(run.id)
    for run_id, until in connection.execute(rows):
        yield Message(
            "Run {id} is running, but its lease expired at {time} UTC; a dispatcher will queue it"
            " again (`layerlab dispatch`).",
            id=run_id,
            time=f"{until:%Y-%m-%d %H:%M:%S}",
        )


def _unreadable(database: Database) -> Iterator[Message]:
    for run_id, count in Checkpoints(database).unreadable().items():
        yield Message("Run {id} has {n} checkpoint(s) that cannot be read.", id=run_id, n=count)
