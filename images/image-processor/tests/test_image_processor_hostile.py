from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from image_processor_files import half_white

from testing_support.document_files import archive
from testing_support.hostile import HostileFile, hostile_pictures
from testing_support.measuring import measured
from testing_support.picture_files import chunk, encoded, png

if TYPE_CHECKING:
    from conftest import ImageProcessor

FILES = hostile_pictures()


@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_a_hostile_picture_is_rejected_in_bounded_time_and_memory(
    processor: ImageProcessor, memory_megabytes: int, file: HostileFile
) -> None:
    item_id = processor.upload(file.make(), file.content_type)
    # Its connections are not for the process that is measured.
    processor.database.dispose()

    def receive() -> None:
        processor.database.dispose(close=False)
        assert processor.uploaded(item_id)
        assert (processor.bucket.results, processor.bus.published, processor.queue.dead_letters) == ({}, [], [])

    took = measured(receive)

    status, reason = processor.state(item_id)
    assert status == "rejected"
    assert reason in file.reasons
    assert took.seconds < 10
    assert took.megabytes < 0.6 * memory_megabytes


PAYLOAD = b"<script>alert(document.domain)</script><?php system($_GET[0]); ?>"
HARMLESS = {
    "JPEG and archive": encoded(half_white("RGB"), "JPEG") + archive(**{"payload.html": PAYLOAD}) + PAYLOAD,
    "JPEG with a comment": encoded(half_white("RGB"), "JPEG", comment=PAYLOAD),
    "PNG with a text": png(64, 1, chunk(b"tEXt", b"Comment\0" + PAYLOAD)),
    "PNG and script": encoded(half_white("RGB"), "PNG") + PAYLOAD,
    "GIF with a comment": encoded(half_white("P"), "GIF", comment=PAYLOAD),
    "WebP with metadata": encoded(half_white("RGB"), "WEBP", xmp=PAYLOAD),
    "TIFF with a description": encoded(half_white("RGB"), "TIFF", description=PAYLOAD.decode()),
}


@pytest.mark.parametrize("content", HARMLESS.values(), ids=HARMLESS)
def test_of_a_picture_that_is_something_else_too_the_picture_is_kept(processor: ImageProcessor, content: bytes) -> None:
    assert PAYLOAD in content

    processor.pictures(content)

    assert all(PAYLOAD[:8] not in made for _, made in processor.bucket.results.values())
