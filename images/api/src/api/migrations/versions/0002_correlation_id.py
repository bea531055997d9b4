"""The request from which an item came."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds a column; code that does not know it goes on writing rows without."""
    op.add_column("items", sa.Column("correlation_id", sa.String))


def downgrade() -> None:
    """Removes the column."""
    op.drop_column("items", "correlation_id")
