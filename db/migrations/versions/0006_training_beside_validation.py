"""What validation is held against: scores of training samples in inference mode, and the mean loss
over training, which runs of before have too. They also get the setting `drop_last`, which they
trained without, where new runs have it: in the same place of equal configurations.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_SCORES = ("train_loss", "train_accuracy", "mean_loss")
_BATCH_SIZE = re.compile(r'(,"batch_size":\d+)(,"epochs":)')
_FINITE = "CASE WHEN loss < 1e308 AND loss > -1e308 THEN loss END"  # on SQLite NaN is a text


def upgrade() -> None:
    _summary()
    _config()
    _params()


def _summary() -> None:
    for which in ("last", "best"):
        for score in _SCORES:
            op.add_column("run_summary", sa.Column(f"{which}_{score}", sa.Double))
        mean = f"CASE WHEN COUNT({_FINITE}) = COUNT(*) THEN AVG({_FINITE}) END"
        epochs = f"metric.run_id = run_summary.run_id AND split = 1 AND step <= {which}_step"
        op.execute(
            f"UPDATE run_summary SET {which}_mean_loss = (SELECT {mean} FROM metric WHERE {epochs})"
        )
    for score in _SCORES:
        column = f"last_{score}"
        op.create_index(f"ix_run_summary_{column}_run_id", "run_summary", [column, "run_id"])


def _config() -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT run_id, config FROM run_config")).all()
    changed = [
        {"run_id": run_id, "config": _BATCH_SIZE.sub(r'\1,"drop_last":false\2', config)}
        for run_id, config in rows
    ]
    if changed:
        update = "UPDATE run_config SET config = :config WHERE run_id = :run_id"
        connection.execute(sa.text(update), changed)


def _params() -> None:
    place = (
        "SELECT held.place FROM run_param held"
        " WHERE held.run_id = run_param.run_id AND held.name = 'batch_size'"
    )
    op.execute(f"UPDATE run_param SET place = place + 1 WHERE place > ({place})")
    op.execute(
        "INSERT INTO run_param (run_id, name, place, flag)"
        " SELECT run_id, 'drop_last', place + 1, false FROM run_param WHERE name = 'batch_size'"
    )
