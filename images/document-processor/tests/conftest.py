"""The function under test: its real handler, called with a queue's events, and a real database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from student_helper.database import Item, Passage, Status
from testing_support.aws import (
    ENVIRONMENT,
    PARAMETER_PREFIX,
    FakeBucket,
    FakeBus,
    FakeParameterStore,
    FakeQueue,
    FakeTable,
    Function,
    object_created,
)
from testing_support.rows import OWNER, read_item


@dataclass
class FakeVersions:
    """S3, with the versions of its objects."""

    contents: dict[tuple[str, str], bytes] = field(default_factory=dict)
    """By key and version."""

    def get_object(self, *, Bucket: str, Key: str, VersionId: str) -> Any:  # noqa: N803
        found = self.contents.get((Key, VersionId))
        return FakeBucket({} if found is None else {Key: found}).get_object(Bucket=Bucket, Key=Key)


@dataclass
class DocumentProcessor(Function):
    """The document-processor, with what it works on."""

    database: sa.Engine
    bucket: FakeVersions

    def upload(self, content: bytes, content_type: str = "text/plain", version: str = "v1") -> UUID:
        """A student announces a document, and uploads it."""
        item_id = uuid4()
        with Session(self.database) as session, session.begin():
            session.add(
                Item(
                    item_id=item_id,
                    owner=OWNER,
                    filename="notes",
                    content_type=content_type,
                    object_key=key_of(item_id),
                )
            )
        self.upload_again(item_id, content, version)
        return item_id

    def upload_again(self, item_id: UUID, content: bytes, version: str) -> None:
        """A student uploads another version."""
        self.bucket.contents[key_of(item_id), version] = content

    def see(
        self, item_id: UUID, version: str = "v1", *, sequencer: str = "1A", attempt: int = 1, seconds: float = 120
    ) -> bool:
        """Hands the function S3's event of an upload; tells whether the queue may forget it."""
        return self.take(object_created(key_of(item_id), version, sequencer), attempt=attempt, seconds=seconds)

    def process(self, content: bytes, content_type: str = "text/plain") -> Item:
        """Uploads a document and hands out its event; the item after it."""
        item_id = self.upload(content, content_type)
        assert self.see(item_id)
        return self.item(item_id)

    def item(self, item_id: UUID) -> Item:
        """The item as it is now."""
        item = read_item(self.database, item_id)
        assert item is not None
        return item

    def passages(self, item_id: UUID) -> list[tuple[int, int | None, str]]:
        """Number, page and text of each passage."""
        with Session(self.database) as session:
            rows = session.execute(
                sa.select(Passage.number, Passage.page, Passage.text)
                .where(Passage.item_id == item_id)
                .order_by(Passage.number)
            )
            return [(number, page, text) for number, page, text in rows]

    def text(self, content: bytes, content_type: str = "text/plain") -> str:
        """The one passage of a small document without pages."""
        item = self.process(content, content_type)
        assert (item.status, item.reason, item.pages) == (Status.PROCESSING, None, None)
        [(number, page, text)] = self.passages(item.item_id)
        assert (number, page) == (1, None)
        return text

    def reason(self, content: bytes, content_type: str = "text/plain") -> str | None:
        """Why a document is rejected."""
        item = self.process(content, content_type)
        assert item.status is Status.REJECTED
        assert (self.passages(item.item_id), self.bus.published) == ([], [])
        return item.reason


def key_of(item_id: UUID) -> str:
    return f"uploads/documents/{OWNER}/{item_id}"


@pytest.fixture
def processor(database: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> DocumentProcessor:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    # Importing the handler reads the environment.
    from document_processor.handler import create_handler
    from document_processor.settings import DocumentProcessorSettings
    from student_helper.parameters import Parameters

    store: Any = FakeParameterStore(
        {"storage/bucket": "bucket", "events/bus_name": "bus", "checkpoints/table": "table"}
    )
    clients: Any = (bucket := FakeVersions(), bus := FakeBus(), table := FakeTable(), queue := FakeQueue())
    handler = create_handler(
        DocumentProcessorSettings.from_environment(),
        Parameters(PARAMETER_PREFIX, [*store.values], store),
        database,
        *clients,
    )
    return DocumentProcessor(handler, store, table, queue, bus, database, bucket)
