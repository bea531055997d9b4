"""Rows that the functions before the one under test would have made."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from student_helper.database import Item, Passage, Status

OWNER = "11111111-1111-4111-8111-111111111111"


def add_item(engine: sa.Engine, *passages: str, **columns: Any) -> UUID:
    """Adds an item at work in version `v1` of its upload, with passages numbered from 1."""
    item_id = uuid4()
    key = f"uploads/images/{OWNER}/{item_id}"
    values = {"status": Status.PROCESSING, "object_version": "v1", "content_type": "image/jpeg"} | columns
    with Session(engine) as session, session.begin():
        session.add(Item(item_id=item_id, owner=OWNER, filename="notes", object_key=key, **values))
        session.flush()
        session.add_all(Passage(item_id=item_id, number=number, text=text) for number, text in enumerate(passages, 1))
    return item_id


def read_item(engine: sa.Engine, item_id: UUID) -> Item | None:
    """An item as it is now."""
    with Session(engine) as session:
        return session.get(Item, item_id)


def existing_item(engine: sa.Engine, item_id: UUID) -> Item:
    """An item that is there, as it is now."""
    with Session(engine) as session:
        return session.get_one(Item, item_id)


def execute(engine: sa.Engine, statement: str, **values: Any) -> list[Any]:
    """Runs a statement, and returns its rows, if it has any."""
    with engine.begin() as connection:
        result = connection.execute(sa.text(statement), values)
        return list(result) if result.returns_rows else []


@contextmanager
def cut_off_once(engine: sa.Engine, beginning: str) -> Iterator[None]:
    """Ends the connection that is about to run the next statement which begins so.

    Raises:
        ValueError: none did.
    """
    cut: list[int] = []

    def cut_off(connection: sa.Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(beginning) and not cut:
            cut.append(connection.connection.dbapi_connection.info.backend_pid)  # type: ignore[union-attr]
            execute(engine, "select pg_terminate_backend(:process, 5000)", process=cut[0])

    sa.event.listen(engine, "before_cursor_execute", cut_off)
    try:
        yield
    finally:
        sa.event.remove(engine, "before_cursor_execute", cut_off)
    if not cut:
        raise ValueError(f"no statement began with {beginning}")
