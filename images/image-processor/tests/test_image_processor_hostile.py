from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from testing_support.hostile import HostileFile, hostile_pictures
from testing_support.measuring import measured

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
