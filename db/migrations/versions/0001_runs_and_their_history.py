"""Runs, what training wrote about them, their checkpoints and events."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _run()
    _run_summary()
    _run_param()
    _run_event()
    _metric()
    _layer_stat()
    _histogram()
    _batch_norm()
    _checkpoint()


def _run() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("uid", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("max_attempts", sa.Integer, nullable=False),
        sa.Column("cancel_requested", sa.Boolean, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("steps", sa.Integer, nullable=False),
        sa.Column("parameters", sa.BigInteger, nullable=False),
        sa.Column("config", sa.Text, nullable=False),
        sa.Column("program", sa.String(40), nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("worker", sa.String(300)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
        sa.UniqueConstraint("uid", name="uq_run_uid"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_run_status_owner", "run", ["status", "owner"])
    op.create_index("ix_run_owner", "run", ["owner"])
    op.create_index("ix_run_created_at_id", "run", ["created_at", "id"])


def _run_summary() -> None:
    op.create_table(
        "run_summary",
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("last_step", sa.Integer),
        sa.Column("last_epoch", sa.Integer),
        sa.Column("last_loss", sa.Double),
        sa.Column("last_accuracy", sa.Double),
        sa.Column("last_val_loss", sa.Double),
        sa.Column("last_val_accuracy", sa.Double),
        sa.Column("best_step", sa.Integer),
        sa.Column("best_epoch", sa.Integer),
        sa.Column("best_loss", sa.Double),
        sa.Column("best_accuracy", sa.Double),
        sa.Column("best_val_loss", sa.Double),
        sa.Column("best_val_accuracy", sa.Double),
        sa.Column("diverged_step", sa.Integer),
        _belongs_to_run("run_summary"),
        sa.PrimaryKeyConstraint("run_id", name="pk_run_summary"),
    )


def _run_param() -> None:
    op.create_table(
        "run_param",
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("number", sa.Double),
        sa.Column("text", sa.Text),
        sa.Column("flag", sa.Boolean),
        _belongs_to_run("run_param"),
        sa.PrimaryKeyConstraint("run_id", "name", name="pk_run_param"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_run_param_text_run_id",
        "run_param",
        ["text", "run_id"],
        sqlite_where=sa.text("text IS NOT NULL"),
        postgresql_where=sa.text("text IS NOT NULL"),
    )


def _run_event() -> None:
    op.create_table(
        "run_event",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        _belongs_to_run("run_event"),
        sa.PrimaryKeyConstraint("id", name="pk_run_event"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_run_event_run_id_id", "run_event", ["run_id", "id"])


def _metric() -> None:
    op.create_table(
        "metric",
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("split", sa.SmallInteger, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("loss", sa.Double, nullable=False),
        sa.Column("accuracy", sa.Double),
        _belongs_to_run("metric"),
        sa.PrimaryKeyConstraint("run_id", "split", "step", name="pk_metric"),
        sqlite_with_rowid=False,
    )
    for score in ("accuracy", "loss"):
        op.create_index(
            f"ix_metric_best_{score}",
            "metric",
            ["run_id", score, "step"],
            sqlite_where=sa.text("split = 2"),
            postgresql_where=sa.text("split = 2"),
        )


def _layer_stat() -> None:
    op.create_table(
        "layer_stat",
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("layer", sa.Integer, nullable=False),
        sa.Column("activation_mean", sa.Double, nullable=False),
        sa.Column("activation_std", sa.Double, nullable=False),
        sa.Column("saturated", sa.Double),
        sa.Column("dead", sa.Double),
        sa.Column("gradient_std", sa.Double, nullable=False),
        sa.Column("gradient_norm", sa.Double),
        sa.Column("weight_norm", sa.Double),
        sa.Column("update_ratio", sa.Double),
        _belongs_to_run("layer_stat"),
        sa.PrimaryKeyConstraint("run_id", "step", "layer", name="pk_layer_stat"),
        sqlite_with_rowid=False,
    )


def _histogram() -> None:
    op.create_table(
        "histogram",
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("quantity", sa.SmallInteger, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("layer", sa.Integer, nullable=False),
        sa.Column("low", sa.Double, nullable=False),
        sa.Column("high", sa.Double, nullable=False),
        sa.Column("counts", sa.LargeBinary, nullable=False),
        _belongs_to_run("histogram"),
        sa.PrimaryKeyConstraint("run_id", "quantity", "step", "layer", name="pk_histogram"),
    )


def _batch_norm() -> None:
    arrays = ("gamma", "beta", "running_mean", "running_var", "batch_mean", "batch_var")
    op.create_table(
        "batch_norm",
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("layer", sa.Integer, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        *(sa.Column(array, sa.LargeBinary, nullable=False) for array in arrays),
        _belongs_to_run("batch_norm"),
        sa.PrimaryKeyConstraint("run_id", "layer", "step", name="pk_batch_norm"),
    )


def _checkpoint() -> None:
    op.create_table(
        "checkpoint",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resumable", sa.Boolean, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        _belongs_to_run("checkpoint"),
        sa.PrimaryKeyConstraint("id", name="pk_checkpoint"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_checkpoint_run_id_step", "checkpoint", ["run_id", "step"], unique=True)


def _belongs_to_run(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["run_id"], ["run.id"], name=f"fk_{table}_run_id_run", ondelete="CASCADE"
    )
