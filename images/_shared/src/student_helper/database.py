"""The database: its tables, and the one connection of a function's container."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from student_helper.parameters import Parameters

PARAMETERS = ("database/host", "database/port", "database/name", "database/username", "database/password")
"""What `connect` reads."""

EMBEDDING_DIMENSIONS = 1024
"""Length of the vectors; https://docs.voyageai.com/docs/embeddings."""


class Status(StrEnum):
    """How far the work on an item has come."""

    PENDING = "pending"
    PROCESSING = "processing"
    READY = "ready"
    REJECTED = "rejected"
    FAILED = "failed"


class Base(DeclarativeBase):
    """The tables. Migrations make them: `api.migrations`."""


class Item(Base):
    """What a student uploaded, and what is known about it."""

    __tablename__ = "items"
    # `updated_at` comes back with each change, and not when it is asked for: the session may have ended then.
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012 - as SQLAlchemy declares it

    item_id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[str]
    """Cognito's `sub`."""
    filename: Mapped[str]
    content_type: Mapped[str]
    """As the student declared it."""
    collection: Mapped[str | None]
    object_key: Mapped[str]
    correlation_id: Mapped[str | None]
    """Of the request that asked for the upload: what is logged about the item has it, too."""
    created_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.now())
    updated_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.now(), onupdate=sa.func.now()
    )
    status: Mapped[Status] = mapped_column(
        sa.Enum(Status, native_enum=False, length=16, values_callable=lambda enum: [member.value for member in enum]),
        server_default=Status.PENDING.value,
    )
    reason: Mapped[str | None]
    """Why it was rejected or has failed, in words for the student."""
    object_version: Mapped[str | None]
    """S3's version id of the upload that everything below is about; unset until there is one."""
    sequencer: Mapped[str | None]
    size_bytes: Mapped[int | None] = mapped_column(sa.BigInteger)
    pages: Mapped[int | None]
    title: Mapped[str | None]
    description: Mapped[str | None]
    tags: Mapped[list[str] | None] = mapped_column(postgresql.ARRAY(sa.Text))
    text: Mapped[str | None]
    """The text in a picture."""


class Passage(Base):
    """A piece of text that is searched; number 0 is made of an item's description."""

    __tablename__ = "passages"

    item_id: Mapped[UUID] = mapped_column(sa.ForeignKey("items.item_id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    page: Mapped[int | None]
    text: Mapped[str]


# The column `embedding vector(1024)` of `passages` is not here: most functions neither read nor write it, and need no
# library for its type. The embedder writes it, and search reads it, in SQL.


def connect(parameters: Parameters) -> sa.Engine:
    """An engine with one connection, which is made when it is first used, and made again when it is broken.

    The address and the password are read for each new connection: a rotated password is used without a deployment.
    Nothing that a student wrote is in the engine's errors.
    """
    engine = sa.create_engine(
        "postgresql+psycopg://",
        # Lambda runs one event at a time in a container.
        pool_size=1,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 5,
            # A server that vanished without a word would be waited for until the function's own end.
            "tcp_user_timeout": 10_000,
            "sslmode": "require",
            "application_name": "student-helper",
        },
        hide_parameters=True,
    )
    sa.event.listen(engine, "handle_error", _hide_details)

    @sa.event.listens_for(engine, "do_connect")
    def _connect(_dialect: sa.Dialect, _record: Any, _args: Any, options: dict[str, Any]) -> psycopg.Connection:
        options.update(connection_options(parameters))
        try:
            return psycopg.connect(**options)
        except psycopg.OperationalError:
            # It may have been rotated since it was read.
            password = parameters.reread("database/password")
            if password == options["password"]:
                raise
            return psycopg.connect(**options | {"password": password})

    return engine


def _hide_details(context: sa.engine.ExceptionContext) -> None:
    """PostgreSQL tells in `DETAIL` and below what a refused row contains."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None:
            error.args = tuple(str(argument).partition("\nDETAIL:")[0] for argument in error.args)


def connection_options(parameters: Parameters) -> Mapping[str, str]:
    """Where the database is and how to sign in, as psycopg names it."""
    host, port, dbname, user, password = (parameters[name] for name in PARAMETERS)
    return {"host": host, "port": port, "dbname": dbname, "user": user, "password": password}
