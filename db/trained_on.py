"""What runs trained on, as it is kept with them."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from db.models import TrainedOnRow
from engine.trained_on import TrainedOn, read_trained_on


def keep_trained_on(connection: Connection, run_id: int, kept: TrainedOn) -> None:
    """Keep what a run trains on, in place of what was kept before."""
    connection.execute(delete(TrainedOnRow).where(TrainedOnRow.run_id == run_id))
    row = {"run_id": run_id, "fingerprint": kept.fingerprint, "document": kept.to_json()}
    connection.execute(insert(TrainedOnRow), row)


def trained_on_text(connection: Connection, run_id: int) -> str | None:
    """The JSON of what a run trained on."""
    kept = select(TrainedOnRow.document).where(TrainedOnRow.run_id == run_id)
    return connection.execute(kept).scalar()


def trained_on_of(connection: Connection, run_id: int) -> TrainedOn | None:
    """What a run trained on; None where it never began, or began before that was kept."""
    text = trained_on_text(connection, run_id)
    return None if text is None else read_trained_on(text)
