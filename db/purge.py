"""Runs removed for good, and their space given back to the disk."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from sqlalchemy import delete, select

from db.connection import Database
from db.errors import translated
from db.models import Base, RunRow
from db.rights import Action

PAGES = 2000  # of a SQLite file given back at a time: between two lots, others may write


def purge(database: Database, run_ids: Sequence[int] | None) -> list[int]:
    """Remove what was deleted: of the named runs, or of all. Answers which runs are gone."""
    database.require(Action.PURGE)
    deleted = select(RunRow.id).where(RunRow.deleted_at.is_not(None)).order_by(RunRow.id)
    if run_ids is not None:
        deleted = deleted.where(RunRow.id.in_(run_ids))
    with database.read() as connection:
        ids = connection.execute(deleted).scalars().all()
    gone = []
    for run_id in ids:  # a transaction each: none holds up those who write for long
        still_deleted = (RunRow.id == run_id, RunRow.deleted_at.is_not(None))
        with database.change(Action.PURGE, "run", [run_id]) as connection:
            if connection.execute(delete(RunRow).where(*still_deleted)).rowcount:
                gone.append(run_id)
    if gone:
        give_space_back(database)
    return gone


def give_space_back(database: Database) -> None:
    """Return what no row uses any more: to the disk (SQLite), or for use by new rows (PostgreSQL,
    which returns to the disk only what lies at the end of a table)."""
    with translated(database.address.shown):
        if database.address.file:
            _shrink(database)
        else:
            tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
            engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.exec_driver_sql(f"VACUUM (ANALYZE) {tables}")


def _shrink(database: Database) -> None:
    """Cut a SQLite file's free pages off. A file of before revision 0002 is rewritten once."""
    with closing(database.engine.raw_connection()) as connection:
        cursor = connection.cursor()
        if cursor.execute("PRAGMA auto_vacuum").fetchone() == (0,):
            cursor.execute("PRAGMA auto_vacuum = INCREMENTAL")
            cursor.execute("VACUUM")
        while cursor.execute("PRAGMA freelist_count").fetchone() != (0,):
            cursor.execute(f"PRAGMA incremental_vacuum({PAGES})").fetchall()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
