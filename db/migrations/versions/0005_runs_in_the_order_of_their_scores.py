"""Runs in the order of their scores: a page of thousands without sorting them."""

from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for which, scores in (
        ("last", ("loss", "accuracy", "val_loss", "val_accuracy")),
        ("best", ("val_loss", "val_accuracy")),
    ):
        for score in scores:
            column = f"{which}_{score}"
            op.create_index(f"ix_run_summary_{column}_run_id", "run_summary", [column, "run_id"])
