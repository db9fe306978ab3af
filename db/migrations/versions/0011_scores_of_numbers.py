"""R² of runs that predict numbers, and what predicting the mean would score."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_SCORES = ("last_val_r2", "last_train_r2", "best_val_r2", "best_train_r2", "baseline_loss")
_SORTED = _SCORES[:3]


def upgrade() -> None:
    op.add_column("metric", sa.Column("r2", sa.Double))
    for score in _SCORES:
        op.add_column("run_summary", sa.Column(score, sa.Double))
    for score in _SORTED:
        op.create_index(f"ix_run_summary_{score}_run_id", "run_summary", [score, "run_id"])
