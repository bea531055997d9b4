"""The database: its tables, and the one connection of a function's container."""

import random
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from student_helper.deadline import Deadline
from student_helper.errors import DependencyError
from student_helper.logs import logger
from student_helper.parameters import Parameters

T = TypeVar("T")

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


CONNECT_SECONDS = 5
"""How long one attempt to connect may take."""

PATIENCE_SECONDS = 8.0
"""How long new attempts to connect are begun, at a database that restarts or has no connection left. With the last
attempt that is less than the api's longest run, so that it can still answer that the database is not there."""

FIRST_WAIT_SECONDS = 1.0
WAIT_FACTOR = 0.8
SHORTEST_WAIT_SECONDS = 0.1
"""How long it is waited between two attempts, at most and with jitter. Who has waited longest asks most often: with
waits that grow, newcomers would get what others have waited for until their patience ended."""

REPEAT_SECONDS = 0.5
"""How long it is waited before a transaction is repeated."""

_FULL = re.compile("too many clients|connection slots are reserved")
"""What PostgreSQL says to who is one too many."""

# Behind a proxy, these are the connections between proxy and database.
_CROWDED = (
    "SELECT count(*) > current_setting('max_connections')::int / 2"
    " FROM pg_stat_activity WHERE backend_type = 'client backend'"
)


def connect(parameters: Parameters) -> sa.Engine:
    """An engine with one connection, which is made when it is first used, and made again when it is broken.

    A container keeps its connection for the next event, but not if more than half of all that the database has were in
    use when it was made: containers that do nothing would keep those from connecting that have work. The other half is
    for these, who give theirs back after each transaction, and wait for one.

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
            "connect_timeout": CONNECT_SECONDS,
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
        return _patiently_connected(options, lambda: parameters.reread("database/password"))

    @sa.event.listens_for(engine, "connect")
    def _note_crowd(connection: Any, record: sa.pool.ConnectionPoolEntry) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_CROWDED)
            (record.info["crowded"],) = cursor.fetchone()
        connection.rollback()

    @sa.event.listens_for(engine, "checkin")
    def _give_back(_connection: Any, record: sa.pool.ConnectionPoolEntry) -> None:
        if record.info.get("crowded"):
            record.invalidate()

    return engine


def _patiently_connected(options: dict[str, Any], reread_password: Callable[[], str]) -> psycopg.Connection:
    patience_ends = time.monotonic() + PATIENCE_SECONDS
    wait = FIRST_WAIT_SECONDS
    rotated: str | None = None
    while True:
        try:
            return psycopg.connect(**options)
        except psycopg.OperationalError as error:
            # The password may have been rotated since it was read; who is one too many need not read it again.
            if rotated is None and not _FULL.search(str(error)) and time.monotonic() < patience_ends:
                # Who cannot read it waits with the one that they have, and reads again at the next attempt.
                with suppress(DependencyError):
                    rotated = reread_password()
                if rotated not in (None, options["password"]):
                    options = options | {"password": rotated}
                    continue
            # Jitter, so that those who were turned away together do not come back together.
            seconds = wait * random.uniform(0.5, 1.0)  # noqa: S311
            if time.monotonic() + seconds > patience_ends:
                raise
            time.sleep(seconds)
            wait = max(WAIT_FACTOR * wait, SHORTEST_WAIT_SECONDS)


def is_outage(error: Exception) -> bool:
    """Whether the database was not there; its other errors are a statement's, which no later attempt would mend."""
    return isinstance(error, sa.exc.OperationalError) or (
        isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated
    )


def is_unreachable(error: Exception) -> bool:
    """Whether the database let nobody connect, for as long as it was tried."""
    return isinstance(error, sa.exc.OperationalError) and error.statement is None


def patiently(transaction: Callable[[], T], deadline: Deadline) -> T:
    """Runs a transaction until the database keeps it, for what was paid for: losing it means to pay again.

    Where the database is has to be read as well, by who has no connection to it any more.

    Args:
        transaction: is harmless if repeated; it may have been kept although the database did not say so.
        deadline: when the function ends.
    """
    while True:
        try:
            return transaction()
        except (sa.exc.DBAPIError, DependencyError) as error:
            passes = is_outage(error) or isinstance(error, DependencyError)
            if not passes or deadline.seconds_left() < REPEAT_SECONDS:
                raise
            logger.warning("The database has not kept what was paid for", exc_info=True)
            time.sleep(REPEAT_SECONDS)


def _hide_details(context: sa.engine.ExceptionContext) -> None:
    """PostgreSQL tells in `DETAIL` and below what a refused row contains."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None:
            error.args = tuple(str(argument).partition("\nDETAIL:")[0] for argument in error.args)


def connection_options(parameters: Parameters) -> Mapping[str, str]:
    """Where the database is and how to sign in, as psycopg names it."""
    host, port, dbname, user, password = (parameters[name] for name in PARAMETERS)
    return {"host": host, "port": port, "dbname": dbname, "user": user, "password": password}
