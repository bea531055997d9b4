"""Items, and the passages by which they are found."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes both tables."""
    op.execute("create extension if not exists vector")
    op.create_table(
        "items",
        sa.Column("item_id", sa.Uuid, primary_key=True),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("filename", sa.String, nullable=False),
        sa.Column("content_type", sa.String, nullable=False),
        sa.Column("collection", sa.String),
        sa.Column("object_key", sa.String, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("status", sa.String(16), nullable=False, server_default="pending"),
        sa.Column("reason", sa.String),
        sa.Column("object_version", sa.String),
        sa.Column("sequencer", sa.String),
        sa.Column("size_bytes", sa.BigInteger),
        sa.Column("pages", sa.Integer),
        sa.Column("title", sa.String),
        sa.Column("description", sa.String),
        sa.Column("tags", postgresql.ARRAY(sa.Text)),
        sa.Column("text", sa.String),
    )
    # One student's items, newest first.
    op.execute("create index items_owner on items (owner, item_id desc)")
    # In S3's order of keys, in which cleanup compares rows with objects.
    op.execute('create unique index items_object_key on items (object_key collate "C")')
    # What waits for its upload, which cleanup gives up one day.
    op.execute("create index items_pending on items (created_at) where status = 'pending'")
    op.create_table(
        "passages",
        sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("page", sa.Integer),
        sa.Column("text", sa.String, nullable=False),
    )
    # Unset until the embedder has seen the passage.
    op.execute("alter table passages add column embedding vector(1024)")
    op.execute("create index passages_embedding on passages using hnsw (embedding vector_cosine_ops)")


def downgrade() -> None:
    """Removes both tables, with all that is in them."""
    op.drop_table("passages")
    op.drop_table("items")
    op.execute("drop extension vector")
