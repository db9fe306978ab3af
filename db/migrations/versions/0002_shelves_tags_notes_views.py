"""Runs put away, tagged, noted; saved views; batch statistics; parameters found by their values.

The configuration moves to a table of its own: it is most of a run's bytes, and lists never read it
to filter or sort.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _run_config()
    _run()
    _run_param()
    _tag()
    _note()
    _saved_view()
    _batch_statistic()


def _run_config() -> None:
    op.create_table(
        "run_config",
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("config", sa.Text, nullable=False),
        _belongs_to_run("run_config"),
        sa.PrimaryKeyConstraint("run_id", name="pk_run_config"),
    )
    op.execute("INSERT INTO run_config (run_id, config) SELECT id, config FROM run")
    op.drop_column("run", "config")


def _run() -> None:
    op.add_column("run", sa.Column("archived_at", sa.DateTime(timezone=True)))
    op.add_column("run", sa.Column("deleted_at", sa.DateTime(timezone=True)))
    active = sa.text("archived_at IS NULL AND deleted_at IS NULL")
    op.create_index(
        "ix_run_active",
        "run",
        ["created_at", "id"],
        sqlite_where=active,
        postgresql_where=active,
    )


def _run_param() -> None:
    for column in ("number", "text", "flag"):
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_run_param_name_{column}_run_id",
            "run_param",
            ["name", column, "run_id"],
            sqlite_where=there,
            postgresql_where=there,
        )


def _tag() -> None:
    op.create_table(
        "tag",
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        _belongs_to_run("tag"),
        sa.PrimaryKeyConstraint("run_id", "name", name="pk_tag"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_tag_name_run_id", "tag", ["name", "run_id"])


def _note() -> None:
    op.create_table(
        "note",
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        _belongs_to_run("note"),
        sa.PrimaryKeyConstraint("run_id", name="pk_note"),
    )


def _saved_view() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_view"),
        sa.UniqueConstraint("owner", "name", name="uq_saved_view_owner_name"),
        sqlite_autoincrement=True,
    )


def _batch_statistic() -> None:
    arrays = ("counts", "mean", "var")
    op.create_table(
        "batch_statistic",
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("layer", sa.Integer, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("first_step", sa.Integer, nullable=False),
        *(sa.Column(array, sa.LargeBinary, nullable=False) for array in arrays),
        _belongs_to_run("batch_statistic"),
        sa.PrimaryKeyConstraint("run_id", "layer", "step", name="pk_batch_statistic"),
    )


def _belongs_to_run(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["run_id"], ["run.id"], name=f"fk_{table}_run_id_run", ondelete="CASCADE"
    )
