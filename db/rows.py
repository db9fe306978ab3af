"""From rows to the records of `db/records.py`."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, func, select

from db.models import ConfigRow, NoteRow, RunRow, SummaryRow, TagRow
from db.records import Run, Scores
from engine.config import RunConfig

_BREAK = "\n"  # between tags, of which none holds one


def select_runs() -> Select[*tuple[Any, ...]]:
    """Every run with its summary: the rows that `run_of` reads."""
    tags = select(func.aggregate_strings(TagRow.name, _BREAK)).where(TagRow.run_id == RunRow.id)
    noted = select(NoteRow.run_id).where(NoteRow.run_id == RunRow.id).exists()
    return (
        select(RunRow.__table__, SummaryRow.__table__, ConfigRow.config)
        .add_columns(tags.scalar_subquery().label("tags"), noted.label("noted"))
        .join_from(RunRow.__table__, SummaryRow.__table__)
        .join(ConfigRow, ConfigRow.run_id == RunRow.id)
    )


def run_of(row: Row[*tuple[Any, ...]]) -> Run:
    return Run(
        id=row.id,
        uid=row.uid,
        name=row.name,
        owner=row.owner,
        status=row.status,
        config=config_of(row.config),
        attempt=row.attempt,
        max_attempts=row.max_attempts,
        priority=row.priority,
        step=row.step,
        steps=row.steps,
        parameters=row.parameters,
        error=row.error,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        lease_until=row.lease_until,
        worker=row.worker,
        last=_scores(row, "last"),
        best=_scores(row, "best"),
        diverged_step=row.diverged_step,
        request=row.request,
        seconds=row.seconds,
        time_limit=row.time_limit,
        gpu=row.gpu,
        sweep_id=row.sweep_id,
        trial=row.trial,
        replicate=row.replicate,
        parent_id=row.parent_id,
        parent_step=row.parent_step,
        tags=tuple(sorted(row.tags.split(_BREAK))) if row.tags else (),
        noted=row.noted,
        archived_at=row.archived_at,
        deleted_at=row.deleted_at,
    )


@lru_cache(maxsize=1024)
def config_of(text: str) -> RunConfig:
    """A stored configuration; lists ask for the same ones again and again."""
    return RunConfig.parse_json(text)


def _scores(row: Row[*tuple[Any, ...]], which: str) -> Scores | None:
    names = ("step", "epoch", "loss", "accuracy", "val_loss", "val_accuracy")
    step, *rest = (getattr(row, f"{which}_{name}") for name in names)
    return None if step is None else Scores(step, *rest)
