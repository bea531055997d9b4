"""The function under test: its real handler, called with S3's events as its queue hands them out."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from image_processor_files import key_of, result_keys
from PIL import Image

from student_helper.database import Status
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
from testing_support.rows import OWNER, add_item, read_item

MAX_UPLOAD_BYTES = 20 * 1024 * 1024


@dataclass
class FakeVersionedBucket:
    """S3: uploads in all their versions, and results."""

    uploads: dict[tuple[str, str], bytes] = field(default_factory=dict)
    """By key and version."""
    results: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """Type and content by key."""
    reads: int = 0
    before_write: Callable[[], object] = lambda: None
    """What happens elsewhere before something is written."""

    def get_object(self, *, Bucket: str, Key: str, VersionId: str) -> Any:  # noqa: N803
        self.reads += 1
        found = self.uploads.get((Key, VersionId))
        return FakeBucket({} if found is None else {Key: found}).get_object(Bucket=Bucket, Key=Key)

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str) -> None:  # noqa: N803, ARG002
        self.before_write()
        self.results[Key] = (ContentType, Body)

    def delete_objects(self, *, Bucket: str, Delete: Any) -> Any:  # noqa: N803, ARG002
        for entry in Delete["Objects"]:
            self.results.pop(entry["Key"], None)
        return {}


@dataclass
class ImageProcessor(Function):
    """The image-processor, with what it works on."""

    database: sa.Engine
    bucket: FakeVersionedBucket

    def upload(self, content: bytes, content_type: str = "image/jpeg") -> UUID:
        """A student announces a picture, and uploads it."""
        item_id = add_item(self.database, status=Status.PENDING, object_version=None, content_type=content_type)
        self.bucket.uploads[key_of(item_id), "v1"] = content
        return item_id

    def uploaded(
        self,
        item_id: UUID,
        version: str = "v1",
        *,
        sequencer: str = "1A",
        owner: str = OWNER,
        size: int | None = None,
        seconds: float = 60,
    ) -> bool:
        """Hands the function S3's event of an upload; tells whether the queue may forget it."""
        key = key_of(item_id, owner)
        if size is None:
            size = len(self.bucket.uploads.get((key, version), b""))
        return self.take(object_created(key, version, sequencer, size), seconds=seconds)

    def state(self, item_id: UUID) -> tuple[str, str | None]:
        """The item's status, and the reason of it."""
        item = read_item(self.database, item_id)
        assert item is not None
        return item.status, item.reason

    def pictures(self, content: bytes) -> tuple[Image.Image, Image.Image]:
        """The thumbnail and the rendition of a picture that is accepted."""
        item_id = self.upload(content)
        assert self.uploaded(item_id)
        assert self.state(item_id) == ("processing", None)
        thumbnail, rendition = (
            Image.open(io.BytesIO(self.bucket.results[key][1])) for key in result_keys(item_id, "v1")
        )
        assert (thumbnail.format, rendition.format) == ("WEBP", "JPEG")
        assert (thumbnail.mode, rendition.mode) == ("RGB", "RGB")
        return thumbnail, rendition

    def rejection(self, content: bytes, **uploaded: Any) -> str | None:
        """Why a file is rejected, for good and without a trace."""
        item_id = self.upload(content)
        assert self.uploaded(item_id, **uploaded)
        status, reason = self.state(item_id)
        assert status == "rejected"
        assert self.bucket.results == {}
        assert self.bus.published == []
        return reason


@pytest.fixture
def memory_megabytes() -> int:
    """The function's memory."""
    return 2048


@pytest.fixture
def processor(database: sa.Engine, monkeypatch: pytest.MonkeyPatch, memory_megabytes: int) -> ImageProcessor:
    environment = {
        **ENVIRONMENT,
        "MAX_UPLOAD_BYTES": str(MAX_UPLOAD_BYTES),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory_megabytes),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    # Importing the handler reads the environment.
    from image_processor.handler import create_handler
    from image_processor.settings import ImageProcessorSettings
    from student_helper.parameters import Parameters

    store: Any = FakeParameterStore(
        {"storage/bucket": "bucket", "events/bus_name": "bus", "checkpoints/table": "table"}
    )
    clients: Any = (bucket := FakeVersionedBucket(), bus := FakeBus(), table := FakeTable(), queue := FakeQueue())
    handler = create_handler(
        ImageProcessorSettings.from_environment(),
        Parameters(PARAMETER_PREFIX, [*store.values], store),
        database,
        *clients,
    )
    return ImageProcessor(handler, store, table, queue, bus, database, bucket)
