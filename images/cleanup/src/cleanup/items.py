"""Items that have no file."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from cleanup.objects import SETTLED, UPLOADS, Objects, anywhere
from student_helper.database import Item, Status
from student_helper.items import FAILED

ABANDONED = timedelta(hours=24)
"""So long after it was announced a file does not come any more; the form for it is valid for 15 minutes."""

STALLED = timedelta(hours=12)
"""So long after its last change nobody is at work on an item: no attempt is delayed for longer (see `Consumer`)."""

PAGE = 500
"""How many rows are read at a time."""


class AbandonedUploads:
    """Items whose file was announced long ago, and on which no work has begun."""

    def __init__(self, engine: sa.Engine, objects: Objects) -> None:
        """Asks nothing yet."""
        self._engine = engine
        self._objects = objects

    def clean(self) -> Iterator[int]:
        """Removes those whose file has never come, and notes that the others have failed; see `Part`."""
        last = UUID(int=0)
        while page := self._after(last):
            for last, key in page:
                # No attempt at a file that has come could even note that it failed; see `StalledItems`.
                end = _fail if self._objects.has(key) else _delete
                yield end(self._engine, sa.and_(Item.item_id == last, _pending()))

    def _after(self, last: UUID) -> list[tuple[UUID, str]]:
        query = sa.select(Item.item_id, Item.object_key).where(_pending(), Item.item_id > last)
        return _page(self._engine, query.order_by(Item.item_id))


class StalledItems:
    """Items whose last attempt ended without a word, killed or cut off from the database.

    Their message waits in a dead-letter queue; the student is told as of any other item that failed.
    """

    def __init__(self, engine: sa.Engine) -> None:
        """Asks nothing yet."""
        self._engine = engine

    def clean(self) -> Iterator[int]:
        """Notes that they have failed; see `Part`."""
        stalled = sa.and_(Item.status == Status.PROCESSING, Item.updated_at < sa.func.now() - STALLED)
        yield _fail(self._engine, stalled)


class LostRows:
    """Items whose file was there, and is gone."""

    def __init__(self, engine: sa.Engine, objects: Objects) -> None:
        """Asks nothing yet."""
        self._engine = engine
        self._objects = objects

    def clean(self) -> Iterator[int]:
        """Removes them; see `Part`."""
        start = anywhere(UPLOADS)
        yield from self._walk(start, None)
        yield from self._walk("", start)

    def _walk(self, last: str, until: str | None) -> Iterator[int]:
        # Rows and objects come in the same order, so that one walk along both finds what is in one alone.
        keys = self._objects.keys(UPLOADS, after=last)
        key = next(keys, None)
        while page := self._after(last, until):
            yield 0
            for item_id, last in page:
                while key is not None and key < last:
                    key = next(keys, None)
                # A row is too much to lose for what may be a list of some minutes ago.
                if key != last and not self._objects.has(last):
                    yield _delete(self._engine, sa.and_(Item.item_id == item_id, _settled()))

    def _after(self, last: str, until: str | None) -> list[tuple[UUID, str]]:
        # S3 sorts keys by their bytes, and so do Python, as they are ASCII, and this collation.
        key = sa.collate(Item.object_key, "C")
        query = sa.select(Item.item_id, Item.object_key).where(_settled(), key > last)
        if until is not None:
            query = query.where(key <= until)
        return _page(self._engine, query.order_by(key))


def _pending() -> sa.ColumnElement[bool]:
    waits = sa.and_(Item.status == Status.PENDING, Item.object_version.is_(None))
    return sa.and_(waits, Item.created_at < sa.func.now() - ABANDONED)


def _settled() -> sa.ColumnElement[bool]:
    return sa.and_(Item.status != Status.PENDING, Item.updated_at < sa.func.now() - SETTLED)


def _page(engine: sa.Engine, query: sa.Select[UUID, str]) -> list[tuple[UUID, str]]:
    with engine.connect() as connection:
        return [(row.item_id, row.object_key) for row in connection.execute(query.limit(PAGE))]


def _delete(engine: sa.Engine, which: sa.ColumnElement[bool]) -> int:
    """Removes items; tells how many."""
    with engine.begin() as connection:
        return connection.execute(sa.delete(Item).where(which)).rowcount


def _fail(engine: sa.Engine, which: sa.ColumnElement[bool]) -> int:
    """Notes that the work on items waits for an operator; tells on how many."""
    with engine.begin() as connection:
        return connection.execute(sa.update(Item).where(which).values(status=Status.FAILED, reason=FAILED)).rowcount
