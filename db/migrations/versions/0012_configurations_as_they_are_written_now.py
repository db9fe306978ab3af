"""Configurations have the fields that came since they were written, which say what they meant.

Runs are grouped by the text of their configurations and searched by their hyperparameters: those
from before `class_weights` would stand apart from those of today that are the same.
"""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from db.params import param_rows
from engine.config import RunConfig
from engine.errors import LayerlabError

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_CONFIG = sa.table("run_config", sa.column("run_id"), sa.column("config"))
_PARAM = sa.table(
    "run_param", *map(sa.column, ("run_id", "name", "place", "number", "text", "flag"))
)
_AT_ONCE = 500  # configurations that are held in memory


def upgrade() -> None:
    for some in _portions():
        changed = [each for run_id, text in some if (each := _brought(run_id, text))]
        for run_id, config in changed:
            of_run = sa.update(_CONFIG).where(_CONFIG.c.run_id == run_id)
            op.execute(of_run.values(config=config.to_json()))
            op.execute(sa.delete(_PARAM).where(_PARAM.c.run_id == run_id))
        op.bulk_insert(_PARAM, [row for each in changed for row in param_rows(*each)])


def _portions() -> Iterator[list[Any]]:
    """Every configuration, some at a time."""
    last = 0
    while True:
        after = sa.select(_CONFIG).where(_CONFIG.c.run_id > last)
        some = list(op.get_bind().execute(after.order_by(_CONFIG.c.run_id).limit(_AT_ONCE)))
        if not some:
            return
        yield some
        last = some[-1].run_id


def _brought(run_id: int, text: str) -> tuple[int, RunConfig] | None:
    """A configuration that a program wrote before some fields; one that cannot be read stays."""
    try:
        config = RunConfig.parse_json(text)
    except LayerlabError:
        return None
    return None if json.loads(text) == json.loads(config.to_json()) else (run_id, config)
