"""What attempts printed and logged, kept to the newest lines of each run."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import delete, insert, select

from db.connection import Database, now
from db.models import LogRow
from db.records import LogLine

LINES = 1_000  # kept of a run
LENGTH = 2_000  # characters kept of a line

_UNSTORABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")  # but tabs


class Logs:
    """Lines by run. Writing needs no hold on the run: what a lost attempt said is worth knowing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, run_id: int, attempt: int, lines: Sequence[str]) -> None:
        """Keep lines at the end of a run's log; its oldest lines make room."""
        with self._database.write() as connection:
            at = now(connection)
            rows = [
                {"run_id": run_id, "attempt": attempt, "at": at, "text": kept(line)}
                for line in lines[-LINES:]
            ]
            connection.execute(insert(LogRow), rows)
            newest = select(LogRow.id).where(LogRow.run_id == run_id).order_by(LogRow.id.desc())
            too_old = connection.execute(newest.offset(LINES).limit(1)).scalar()
            if too_old is not None:
                old = LogRow.run_id == run_id, LogRow.id <= too_old
                connection.execute(delete(LogRow).where(*old))

    def lines(self, run_id: int, *, after_id: int = 0) -> list[LogLine]:
        """A run's log, in order; only lines after `after_id`."""
        line = LogRow
        rows = (
            select(line.id, line.attempt, line.at, line.text)
            .where(line.run_id == run_id, line.id > after_id)
            .order_by(line.id)
        )
        with self._database.read() as connection:
            return [LogLine(*row) for row in connection.execute(rows)]


def kept(line: str) -> str:
    """A line as it is stored."""
    text = _UNSTORABLE.sub(" ", line)
    return text if len(text) <= LENGTH else f"{text[: LENGTH - 3]}..."
