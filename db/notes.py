"""Notes: what people write about a run, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, select

from db.bulk import upsert
from db.connection import Database, now
from db.models import NoteRow, RunRow
from db.records import Note
from db.rights import Action
from db.search import possible
from db.words import clean_note


class Notes:
    """One note per run; whether it has one, `Run.noted` says."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, run_id: int) -> Note | None:
        """What was written about a run, or None."""
        return self.get_many([run_id]).get(run_id)

    def get_many(self, run_ids: Iterable[int]) -> dict[int, Note]:
        """The notes of those runs that have one."""
        rows = select(NoteRow.__table__).where(NoteRow.run_id.in_(possible(run_ids)))
        with self._database.read() as connection:
            return {row.run_id: Note(*row) for row in connection.execute(rows)}

    def set(self, run_id: int, text: str) -> bool:
        """Write a run's note, or remove it where the text is empty; False where there is no run."""
        text = clean_note(text)
        run = select(RunRow.id).where(RunRow.id.in_(possible([run_id])))
        with self._database.change(Action.NOTE, "run", [run_id]) as connection:
            if connection.execute(run.with_for_update(read=True, key_share=True)).first() is None:
                return False
            if text:
                upsert(connection, NoteRow.__table__, [(run_id, text, now(connection))])
            else:
                connection.execute(delete(NoteRow).where(NoteRow.run_id == run_id))
        return True
