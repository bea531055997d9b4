from __future__ import annotations

import io
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from image_processor_files import half_white, key_of, result_keys
from PIL import Image

from testing_support.picture_files import encoded
from testing_support.rows import execute, read_item

if TYPE_CHECKING:
    from uuid import UUID

    from conftest import ImageProcessor

PICTURE = encoded(half_white(), "JPEG")
OTHER_PICTURE = encoded(half_white(size=(20, 10)), "PNG")


def image_processed(item_id: UUID, version: str = "v1") -> tuple[str, dict[str, object]]:
    return ("ImageProcessed", {"version": 1, "item_id": str(item_id), "object_version": version})


def delete(processor: ImageProcessor, item_id: UUID) -> None:
    execute(processor.database, "DELETE FROM items WHERE item_id = :item_id", item_id=item_id)


def test_an_upload_is_processed(processor: ImageProcessor) -> None:
    item_id = processor.upload(PICTURE)

    done = processor.uploaded(item_id)

    assert done
    item = read_item(processor.database, item_id)
    assert item is not None
    assert (item.status, item.object_version, item.size_bytes) == ("processing", "v1", len(PICTURE))
    thumbnail, rendition = result_keys(item_id, "v1")
    assert {key: content_type for key, (content_type, _) in processor.bucket.results.items()} == {
        thumbnail: "image/webp",
        rendition: "image/jpeg",
    }
    assert processor.bus.published == [image_processed(item_id)]


def test_a_repeated_event_changes_nothing(processor: ImageProcessor) -> None:
    item_id = processor.upload(PICTURE)

    done = [processor.uploaded(item_id) for _ in range(3)]

    assert done == [True, True, True]
    assert processor.bucket.reads == 1
    assert processor.bus.published == [image_processed(item_id)]


def test_an_attempt_that_failed_is_repeated(processor: ImageProcessor) -> None:
    item_id = processor.upload(PICTURE)
    processor.bus.failures = 1

    done = [processor.uploaded(item_id) for _ in range(2)]

    assert done == [False, True]
    assert sorted(processor.bucket.results) == sorted(result_keys(item_id, "v1"))
    assert processor.bus.published == [image_processed(item_id)]


def test_each_version_is_read_and_stored_for_itself(processor: ImageProcessor) -> None:
    item_id = processor.upload(PICTURE)
    processor.bucket.uploads[key_of(item_id), "v2"] = OTHER_PICTURE

    done = [processor.uploaded(item_id, "v1", sequencer="1A"), processor.uploaded(item_id, "v2", sequencer="1B")]

    assert done == [True, True]
    sizes = [
        Image.open(io.BytesIO(processor.bucket.results[key][1])).size
        for version in ("v1", "v2")
        for key in result_keys(item_id, version)
    ]
    assert sizes == [(64, 32), (64, 32), (20, 10), (20, 10)]
    assert processor.bus.published == [image_processed(item_id, "v1"), image_processed(item_id, "v2")]


def test_the_event_of_an_earlier_version_comes_too_late(processor: ImageProcessor) -> None:
    item_id = processor.upload(PICTURE)
    processor.bucket.uploads[key_of(item_id), "v2"] = OTHER_PICTURE
    processor.uploaded(item_id, "v2", sequencer="1B")

    done = processor.uploaded(item_id, "v1", sequencer="1A")

    assert done
    assert sorted(processor.bucket.results) == sorted(result_keys(item_id, "v2"))
    assert processor.bus.published == [image_processed(item_id, "v2")]


def test_nothing_is_done_for_a_deleted_item(processor: ImageProcessor) -> None:
    item_id = processor.upload(PICTURE)
    delete(processor, item_id)

    done = processor.uploaded(item_id)

    assert done
    assert (processor.bucket.reads, processor.bucket.results, processor.bus.published) == (0, {}, [])


def test_nothing_is_done_for_a_deleted_upload(processor: ImageProcessor) -> None:
    item_id = processor.upload(PICTURE)
    processor.bucket.uploads.clear()

    done = processor.uploaded(item_id)

    assert done
    assert (processor.bucket.results, processor.bus.published) == ({}, [])


@pytest.mark.parametrize("writes", [1, 2])
def test_an_item_that_is_deleted_meanwhile_leaves_nothing(processor: ImageProcessor, writes: int) -> None:
    item_id = processor.upload(PICTURE)
    moments = iter(range(1, 3))

    def delete_at_that_write() -> None:
        if next(moments) == writes:
            delete(processor, item_id)

    processor.bucket.before_write = delete_at_that_write

    done = processor.uploaded(item_id)

    assert done
    assert processor.bucket.results == {}
    assert processor.bus.published == []


def test_a_version_that_is_replaced_meanwhile_leaves_nothing(processor: ImageProcessor) -> None:
    item_id = processor.upload(PICTURE)
    processor.bucket.before_write = lambda: execute(
        processor.database, "UPDATE items SET object_version = 'v2' WHERE item_id = :item_id", item_id=item_id
    )

    done = processor.uploaded(item_id)

    assert done
    assert processor.bucket.results == {}
    assert processor.bus.published == []


def test_nobody_processes_a_file_for_the_item_of_another(processor: ImageProcessor) -> None:
    item_id = processor.upload(PICTURE)
    other = str(uuid4())
    processor.bucket.uploads[key_of(item_id, other), "v1"] = OTHER_PICTURE

    done = processor.uploaded(item_id, owner=other)

    assert done
    assert processor.state(item_id) == ("pending", None)
    assert (processor.bucket.results, processor.bus.published) == ({}, [])
