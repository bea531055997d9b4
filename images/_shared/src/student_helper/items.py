"""What functions do with items in the database.

Every write is about one version of an upload, and harmless if repeated. A rejection is final.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from student_helper.database import Item, Passage, Status
from student_helper.errors import AlreadyRejectedError, ItemGoneError
from student_helper.events import ObjectUploaded
from student_helper.logs import logger

FAILED = "Something went wrong on our side. We look into it and try again; there is nothing you need to do."
"""What a student reads of a failed item."""


class Items:
    """The items of all students."""

    def __init__(self, engine: sa.Engine) -> None:
        """Asks nothing yet.

        Args:
            engine: see `student_helper.database.connect`.
        """
        self._engine = engine

    def begin(self, uploaded: ObjectUploaded) -> Item:
        """Takes a version of an upload for the item's own, and returns the item, `processing`.

        A repeated event finds the item as it left it; that of an earlier version, which came late, finds nothing to do.

        Raises:
            AlreadyRejectedError: this version was rejected.
            ItemGoneError: there is no such item, or a later version is its own already.
        """
        with self._session() as session:
            item = session.get(Item, uploaded.item_id, with_for_update=True)
            if item is None or item.object_key != uploaded.key or (item.sequencer or "") > uploaded.sequencer:
                raise ItemGoneError
            if item.object_version == uploaded.object_version and item.status is Status.REJECTED:
                raise AlreadyRejectedError
            if item.object_version != uploaded.object_version:
                # Whatever is known is about another version.
                item.status = Status.PENDING
                item.title = item.description = item.tags = item.text = item.pages = None
                session.execute(sa.delete(Passage).where(Passage.item_id == item.item_id))
            item.object_version = uploaded.object_version
            item.sequencer = uploaded.sequencer
            item.size_bytes = uploaded.size_bytes
            _processing(item)
        _correlate(item)
        return item

    def resume(self, item_id: UUID, object_version: str) -> Item:
        """Returns an item on which work goes on, `processing`.

        Raises:
            AlreadyRejectedError: this version was rejected.
            ItemGoneError: it was deleted, or a later version is its own.
        """
        with self.current(item_id, object_version) as (_, item):
            _processing(item)
        _correlate(item)
        return item

    @contextmanager
    def current(self, item_id: UUID, object_version: str) -> Iterator[tuple[Session, Item]]:
        """A transaction that holds an item, to read and to change; what it does is kept if the block ends well.

        Nothing slow belongs into the block: it keeps the item's deletion waiting.

        Raises:
            AlreadyRejectedError: this version was rejected.
            ItemGoneError: it was deleted, or a later version is its own.
        """
        with self._session() as session:
            item = session.get(Item, item_id, with_for_update=True)
            if item is None or item.object_version != object_version:
                raise ItemGoneError
            if item.status is Status.REJECTED:
                raise AlreadyRejectedError
            yield session, item

    def reject(self, item_id: UUID, object_version: str, reason: str) -> None:
        """Ends the work on an upload that cannot be used.

        Raises:
            AlreadyRejectedError: this version was rejected.
            ItemGoneError: it was deleted, or a later version is its own.
        """
        with self.current(item_id, object_version) as (_, item):
            _end(item, Status.REJECTED, reason)

    def fail(self, item_id: UUID, object_version: str) -> None:
        """Notes that the work on an upload waits for an operator, be it that the work has not begun.

        An item whose own version is another one stays as it is: what it says is about that one.

        Raises:
            AlreadyRejectedError: this version was rejected.
            ItemGoneError: it was deleted.
        """
        with self._session() as session:
            item = session.get(Item, item_id, with_for_update=True)
            if item is None:
                raise ItemGoneError
            if item.object_version not in (object_version, None):
                return
            if item.status is Status.REJECTED:
                raise AlreadyRejectedError
            _end(item, Status.FAILED, FAILED)

    @contextmanager
    def _session(self) -> Iterator[Session]:
        # What was read stays readable after the session's end.
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            yield session


def _correlate(item: Item) -> None:
    """What is logged from here on names the request that the item came from."""
    logger.set_correlation_id(item.correlation_id)


def _end(item: Item, status: Status, reason: str) -> None:
    if item.status is Status.READY:
        return  # See `_processing`: its first time, the work ended well.
    item.status = status
    item.reason = reason


def _processing(item: Item) -> None:
    if item.status is Status.READY:
        return  # Whoever is at work was interrupted after its own part was done, and repeats it.
    item.status = Status.PROCESSING
    item.reason = None
    # Be it that nothing else changes: cleanup sees from it that somebody is at work.
    item.updated_at = sa.func.now()
