"""Runs in the order of their scores: a page of thousands without sorting them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    active = sa.text("archived_at IS NULL AND deleted_at IS NULL")
    op.drop_index("ix_run_active", "run")
    op.create_index(
        "ix_run_active",
        "run",
        ["created_at", "id", "archived_at", "deleted_at"],
        sqlite_where=active,
        postgresql_where=active,
    )
    for which, scores in (
        ("last", ("loss", "accuracy", "val_loss", "val_accuracy")),
        ("best", ("val_loss", "val_accuracy")),
    ):
        for score in scores:
            column = f"{which}_{score}"
            op.create_index(f"ix_run_summary_{column}_run_id", "run_summary", [column, "run_id"])
