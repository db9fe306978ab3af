"""Data that people added: names with their versions, and the bytes of each content in portions."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "data_content",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_data_content"),
    )
    op.create_table(
        "data_version",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("spec", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_data_version"),
        sa.UniqueConstraint("name", "version", name="uq_data_version_name_version"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_data_version_content", "data_version", ["content"])
    op.create_table(
        "data_portion",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"],
            ["data_content.sha256"],
            name="fk_data_portion_sha256_data_content",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("sha256", "number", name="pk_data_portion"),
    )
    op.create_table(
        "data_file",
        sa.Column("version_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["data_version.id"],
            name="fk_data_file_version_id_data_version",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["data_content.sha256"], name="fk_data_file_sha256_data_content"
        ),
        sa.PrimaryKeyConstraint("version_id", "name", name="pk_data_file"),
    )
    op.create_index("ix_data_file_sha256", "data_file", ["sha256"])
