"""Requests to runs, time limits, branches, sweeps, logs, and the queue as a whole."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _sweep()
    _trial()
    _queue()
    _run_log()
    _run()


def _sweep() -> None:
    op.create_table(
        "sweep",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("uid", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("definition", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sweep"),
        sa.UniqueConstraint("uid", name="uq_sweep_uid"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sweep_state", "sweep", ["state"])


def _trial() -> None:
    op.create_table(
        "trial",
        sa.Column("sweep_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("values", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["sweep_id"], ["sweep.id"], name="fk_trial_sweep_id_sweep", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sweep_id", "number", name="pk_trial"),
    )


def _queue() -> None:
    queue = op.create_table(
        "queue",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("owner_limit", sa.Integer),
        sa.Column("slots", sa.Integer, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_queue"),
    )
    op.bulk_insert(queue, [{"id": 1, "paused": False, "slots": 0}])


def _run_log() -> None:
    op.create_table(
        "run_log",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name="fk_run_log_run_id_run", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_run_log"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_run_log_run_id_id", "run_log", ["run_id", "id"])


def _run() -> None:
    """Columns are added one by one: to make the table anew would delete what hangs on its rows."""
    for column in (
        sa.Column("request", sa.String(20)),
        sa.Column("seconds", sa.Double, nullable=False, server_default="0"),
        sa.Column("time_limit", sa.Double),
        sa.Column("gpu", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("sweep_id", sa.Integer),
        sa.Column("trial", sa.Integer),
        sa.Column("replicate", sa.Integer),
        sa.Column("parent_id", sa.Integer),
        sa.Column("parent_step", sa.Integer),
    ):
        op.add_column("run", column)
    op.execute(sa.text("UPDATE run SET request = 'cancel' WHERE cancel_requested"))
    op.drop_column("run", "cancel_requested")
    on_gpu = "SELECT run_id FROM run_param WHERE name = 'backend' AND text = 'cupy'"
    op.execute(sa.text(f"UPDATE run SET gpu = true WHERE id IN ({on_gpu})"))
    op.create_index("ix_run_ended_at", "run", ["ended_at"])
    in_sweep = ["sweep_id", "trial", "replicate"]
    op.create_index("ix_run_sweep_id_trial_replicate", "run", in_sweep, unique=True)
