"""From an upload to its passages in the database."""

from uuid import UUID

import sqlalchemy as sa

from document_processor.documents import read_document
from document_processor.passages import Passages, passages_of
from student_helper.database import Passage
from student_helper.deadline import Deadline
from student_helper.errors import DependencyError
from student_helper.events import DocumentProcessed, Events, ObjectUploaded
from student_helper.files import Files
from student_helper.isolation import isolated
from student_helper.items import Items

READING_SECONDS = 6.0
"""How long a document may be read that gives no text. What gives text has more time: see `read_document`."""

STORING_SECONDS = 4.0
"""Kept of the time for storing the passages and publishing the event."""

SHORTEST_READING_SECONDS = 10.0
"""With less time left reading is not begun: a good file would be rejected because storage was slow."""

READING_SHARE_OF_MEMORY = 0.4
"""What reading may use of the function's memory; the rest is this process, which holds the file, and a reserve."""


class DocumentProcessor:
    """The step between an upload and the analyzer."""

    def __init__(self, items: Items, files: Files, events: Events, memory_megabytes: int) -> None:
        """Does nothing yet.

        Args:
            items: the database.
            files: the bucket.
            events: the bus.
            memory_megabytes: what the function has.
        """
        self._items = items
        self._files = files
        self._events = events
        self._megabytes = int(memory_megabytes * READING_SHARE_OF_MEMORY)

    def process(self, uploaded: ObjectUploaded, deadline: Deadline) -> None:
        """Splits a document into passages, and says so.

        Raises:
            RejectedError: the document cannot be used.
            ItemGoneError: it was deleted, or has a later version.
            DependencyError: something did not answer, or too late.
        """
        self._items.begin(uploaded)
        if not self._is_split(uploaded.item_id, uploaded.object_version):
            content = self._files.read(uploaded.key, uploaded.object_version)
            longest_seconds = deadline.seconds_left() - STORING_SECONDS
            if longest_seconds < SHORTEST_READING_SECONDS:
                raise DependencyError("storage")
            passages = isolated(
                lambda: passages_of(read_document(content)),
                seconds=READING_SECONDS,
                longest_seconds=longest_seconds,
                megabytes=self._megabytes,
            )
            self._keep(uploaded.item_id, uploaded.object_version, passages)
        self._events.publish(DocumentProcessed(item_id=uploaded.item_id, object_version=uploaded.object_version))

    def _is_split(self, item_id: UUID, object_version: str) -> bool:
        # `begin` removes the passages of other versions. Those of this one were written by an attempt that was
        # interrupted later; they may have been embedded since, and so are not written again.
        with self._items.current(item_id, object_version) as (session, _):
            return bool(session.scalar(sa.select(sa.exists().where(Passage.item_id == item_id))))

    def _keep(self, item_id: UUID, object_version: str, passages: Passages) -> None:
        with self._items.current(item_id, object_version) as (session, item):
            item.pages = passages.page_count
            session.execute(
                sa.insert(Passage),
                [
                    {"item_id": item_id, "number": number, "page": passage.page, "text": passage.text}
                    for number, passage in enumerate(passages.passages, 1)
                ],
            )
