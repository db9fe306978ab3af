"""Checkpoints of which no bytes are kept, because training makes them again in a moment.

What comes of it is held against what the run recorded at that step. It is the same to the last bit
on a processor of the same kind and with the same version of layerlab; elsewhere it may differ as
rounding does, and the log says so. Where it differs by more than that, it is refused.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isclose

from sqlalchemy import Connection, select

from db.models import ConfigRow, EventRow, MetricRow
from db.records import EventKind
from db.rows import config_of
from db.trained_on import trained_on_text
from engine.errors import DataError
from engine.messages import Message
from engine.records import Checkpoint, Metric
from engine.trained_on import read_trained_on

NEAR = 0.05
"""How far a loss may be from the recorded one, as a share of it, where rounding differs."""
_RECENT = 8  # remade checkpoints at hand: a page asks for the same one several times
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to make a run's checkpoint again, and what was recorded at its step."""

    run_id: int
    step: int
    config: str
    backend: str | None
    data: str | None
    losses: dict[str, float]


def recipe(connection: Connection, run_id: int, step: int) -> Recipe:
    """What making the checkpoint again needs of the database."""
    config = select(ConfigRow.config).where(ConfigRow.run_id == run_id)
    at_step = (MetricRow.run_id == run_id, MetricRow.step == step)
    losses = connection.execute(select(MetricRow.split, MetricRow.loss).where(*at_step)).all()
    return Recipe(
        run_id,
        step,
        connection.execute(config).scalar_one(),
        began_with(connection, run_id),
        trained_on_text(connection, run_id),
        {row.split: row.loss for row in losses},
    )


def began_with(connection: Connection, run_id: int) -> str | None:
    """The name of the backend that a run has trained on; None where it has not begun."""
    started = (EventRow.run_id == run_id, EventRow.kind == EventKind.STARTED)
    newest = select(EventRow.data).where(*started).order_by(EventRow.id.desc()).limit(1)
    data = connection.execute(newest).scalar()
    return data.get("backend") if data else None


def remade(recipe: Recipe) -> Checkpoint:
    """The checkpoint, made again; raises DataError where it is not what the run had, as where its
    data are others now."""
    checkpoint, metrics = _trained(recipe.config, recipe.step, recipe.backend, recipe.data)
    pairs = [(m.loss, recipe.losses[m.split]) for m in metrics if m.split in recipe.losses]
    if all(ours == theirs for ours, theirs in pairs):
        return checkpoint
    where = f"the checkpoint of step {recipe.step}"
    if all(isclose(ours, theirs, rel_tol=NEAR) for ours, theirs in pairs):
        message = "run %d: %s was made again, and differs from the run's own by rounding"
        _logger.warning(message, recipe.run_id, where)
        return checkpoint
    raise DataError(
        Message(
            "the checkpoint of step {step} is not kept, and training gives another one now: the"
            " data or the program have changed since; choose the newest or the best",
            step=recipe.step,
        )
    )


@lru_cache(maxsize=_RECENT)
def _trained(
    config: str, step: int, backend: str | None, data: str | None
) -> tuple[Checkpoint, Sequence[Metric]]:
    # Imported here: whoever only reads runs need not wait for what trains them.
    from engine.backend import choose
    from engine.remaking import trained_again

    chosen = None if backend is None else choose(backend)  # type: ignore[arg-type]
    kept = None if data is None else read_trained_on(data)
    return trained_again(config_of(config), step, chosen, kept)
