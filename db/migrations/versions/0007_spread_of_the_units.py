"""How far apart the units of a layer are: 0 where all of them do the same."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("layer_stat", sa.Column("unit_spread", sa.Double))
