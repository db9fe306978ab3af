"""Lessons that people write, classes, predictions, and the seeds that a lesson's runs take."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _lesson()
    _lesson_class()
    _prediction()
    _lesson_seed()
    _lesson_run()


def _lesson() -> None:
    op.create_table(
        "lesson",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lesson"),
        sa.UniqueConstraint("key", name="uq_lesson_key"),
        sqlite_autoincrement=True,
    )


def _lesson_class() -> None:
    op.create_table(
        "lesson_class",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("lessons", sa.Text, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lesson_class"),
        sa.UniqueConstraint("key", name="uq_lesson_class_key"),
        sqlite_autoincrement=True,
    )


def _prediction() -> None:
    op.create_table(
        "prediction",
        sa.Column("lesson", sa.String(40), nullable=False),
        sa.Column("scope", sa.String(101), nullable=False),
        sa.Column("person", sa.String(100), nullable=False),
        sa.Column("choice", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("lesson", "scope", "person", name="pk_prediction"),
    )


def _lesson_seed() -> None:
    op.create_table(
        "lesson_seed",
        sa.Column("lesson", sa.String(40), nullable=False),
        sa.Column("scope", sa.String(101), nullable=False),
        sa.Column("arms", sa.String(16), nullable=False),
        sa.Column("next", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("lesson", "scope", "arms", name="pk_lesson_seed"),
    )


def _lesson_run() -> None:
    op.create_table(
        "lesson_run",
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("lesson", sa.String(40), nullable=False),
        sa.Column("scope", sa.String(101), nullable=False),
        sa.Column("arms", sa.String(16), nullable=False),
        sa.Column("arm", sa.Integer, nullable=False),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_lesson_run"),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name="fk_lesson_run_run_id_run", ondelete="CASCADE"
        ),
    )
    place = ["lesson", "scope", "arms", "arm", "seed"]
    op.create_index("ix_lesson_run_lesson_scope_arms_arm_seed", "lesson_run", place, unique=True)
