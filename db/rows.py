"""From rows to the records of `db/records.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select

from db.models import ConfigRow, NoteRow, RunRow, SummaryRow, TagRow
from db.records import Run, Scores
from engine.config import RunConfig

_BREAK = "\n"  # between tags, of which none holds one

# A row holds, in this order: what a Run has under a column's own name, its newest scores, its best
# ones, and the rest. Lists are read by the thousand, so the places are known beforehand.
_SAME = [field.name for field in fields(Run) if field.name in RunRow.__table__.c]
_SCORES = [field.name for field in fields(Scores)]
_LAST = slice(len(_SAME), len(_SAME) + len(_SCORES))
_BEST = slice(_LAST.stop, _LAST.stop + len(_SCORES))
_REST = slice(_BEST.stop, None)


@cache
def select_runs() -> Select[*tuple[Any, ...]]:
    """Every run with its summary: the rows that `run_of` reads."""
    run, summary = RunRow.__table__.c, SummaryRow.__table__.c
    tags = select(func.aggregate_strings(TagRow.name, _BREAK)).where(TagRow.run_id == RunRow.id)
    noted = select(NoteRow.run_id).where(NoteRow.run_id == RunRow.id).exists()
    return (
        select(*(run[name] for name in _SAME))
        .add_columns(
            *(summary[f"{which}_{name}"] for which in ("last", "best") for name in _SCORES)
        )
        .add_columns(summary.diverged_step, summary.baseline_loss, ConfigRow.config)
        .add_columns(tags.scalar_subquery(), noted)
        .select_from(
            RunRow.__table__.join(SummaryRow.__table__, summary.run_id == run.id).join(
                ConfigRow.__table__, ConfigRow.run_id == run.id
            )
        )
    )


@cache
def select_these_runs() -> Select[*tuple[Any, ...]]:
    """Those runs whose numbers are given as `ids`. It is made once: building a statement of so many
    columns takes as long as reading ten runs."""
    return select_runs().where(RunRow.id.in_(bindparam("ids", expanding=True)))


def run_of(row: Row[*tuple[Any, ...]]) -> Run:
    diverged_step, baseline_loss, config, tags, noted = row[_REST]
    return Run(
        **dict(zip(_SAME, row, strict=False)),
        config=config_of(config),
        last=_scores(row[_LAST]),
        best=_scores(row[_BEST]),
        diverged_step=diverged_step,
        baseline_loss=baseline_loss,
        tags=tuple(sorted(tags.split(_BREAK))) if tags else (),
        noted=noted,
    )


@lru_cache(maxsize=1024)
def config_of(text: str) -> RunConfig:
    """A stored configuration; lists ask for the same ones again and again."""
    return RunConfig.parse_json(text)


def _scores(values: Sequence[Any]) -> Scores | None:
    return None if values[0] is None else Scores(*values)
