"""What a run trained on: the fingerprint of its data, their shapes and names, and the fitted
scaling. Runs of before have none: what needs their data reads it again, as it did."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "run_data",
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name="fk_run_data_run_id_run", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", name="pk_run_data"),
    )
    op.create_index("ix_run_data_fingerprint_run_id", "run_data", ["fingerprint", "run_id"])
