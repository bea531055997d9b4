from __future__ import annotations

import time
import zlib
from functools import partial
from typing import TYPE_CHECKING

import pytest
from image_processor_files import half_white
from PIL import Image

from testing_support.picture_files import chunk, encoded, gif, jpeg, png, tiff, webp

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import ImageProcessor

    from testing_support.metrics import Metric

NO_PICTURE = "This is not a picture that can be read. Accepted are JPEG, PNG, WebP, GIF and TIFF."
TOO_MANY_PIXELS = "This picture has too many pixels. At most 50 million are accepted."
DAMAGED = "This picture is damaged. Save it again, or take it from where it came from, and upload it once more."

BOMB = zlib.compress(bytes(100_000_000), 9)
MEGABYTE = zlib.compress(bytes(1_000_000), 9)
NOISE = Image.effect_noise((64, 64), 50)

NO_PICTURES = {
    "nothing": b"",
    "PDF": b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
    "HTML": b"<!DOCTYPE html><img src='photograph.jpg'>",
    "SVG": b"<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>",
    "ZIP": b"PK\x03\x04 a document",
    "EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "beginning of a JPEG": b"\xff\xd8\xff but no more",
    "beginning of a PNG": b"\x89PNG\r\n\x1a\n",
    "BMP": encoded(half_white(), "BMP"),
    "PPM": encoded(half_white(), "PPM"),
    "JPEG 2000": encoded(half_white("RGB"), "JPEG2000"),
    "ICO": encoded(half_white(), "ICO"),
    "PNG without pixels": png(0, 8),
    "JPEG without pixels": jpeg(8, 0),
    "TIFF without pixels": tiff(0, 8),
}


@pytest.mark.parametrize("content", NO_PICTURES.values(), ids=NO_PICTURES)
def test_what_is_no_accepted_picture_is_rejected(processor: ImageProcessor, content: bytes) -> None:
    assert processor.rejection(content) == NO_PICTURE


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "GIF", "TIFF"])
def test_a_truncated_picture_is_rejected(processor: ImageProcessor, file_format: str) -> None:
    content = encoded(NOISE, file_format)

    assert processor.rejection(content[: len(content) * 2 // 3]) == DAMAGED


@pytest.mark.parametrize("make", [png, gif, jpeg, webp, tiff])
@pytest.mark.parametrize("size", [(10_001, 5_000), (16_384, 16_384)])
def test_too_many_pixels_are_rejected_undecoded(
    processor: ImageProcessor, make: Callable[[int, int], bytes], size: tuple[int, int]
) -> None:
    assert processor.rejection(make(*size)) == TOO_MANY_PIXELS


@pytest.mark.parametrize("make", [png, gif, jpeg, webp, tiff])
def test_the_same_files_of_another_size_are_accepted(
    processor: ImageProcessor, make: Callable[[int, int], bytes]
) -> None:
    """Nothing else than their size is wrong with those above."""
    _, rendition = processor.pictures(make(8, 1))

    assert rendition.size == (8, 1)


@pytest.mark.parametrize(
    "content",
    [
        png(8, 1, chunk(b"zTXt", b"name\0\0" + BOMB)),
        png(8, 1, chunk(b"iTXt", b"name\0\1\0\0\0" + BOMB)),
        png(8, 1, chunk(b"iCCP", b"name\0\0" + BOMB)),
        png(8, 1, *(chunk(b"zTXt", b"name\0\0" + MEGABYTE) for _ in range(100))),
    ],
    ids=["zTXt", "iTXt", "iCCP", "many"],
)
def test_metadata_that_swells_is_rejected(processor: ImageProcessor, content: bytes) -> None:
    began = time.monotonic()

    reason = processor.rejection(content)

    assert reason == DAMAGED
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "content",
    [
        png(8, 1, chunk(b"IDAT", BOMB)),
        tiff(8, 1, (700, 7, 0xFFFF_FFFF, 8)),
        tiff(8, 1, (34_675, 7, 0xFFFF_FFF0, 8)),
    ],
    ids=["pixels", "XMP", "profile"],
)
def test_what_is_more_than_a_picture_needs_is_not_read(processor: ImageProcessor, content: bytes) -> None:
    began = time.monotonic()

    _, rendition = processor.pictures(content)

    assert rendition.size == (8, 1)
    assert time.monotonic() - began < 5


def test_a_file_above_the_largest_upload_is_rejected_unread(processor: ImageProcessor) -> None:
    reason = processor.rejection(encoded(half_white(), "JPEG"), size=20 * 1024 * 1024 + 1)

    assert reason == "This file is too large. At most 20 MB are accepted."
    assert processor.bucket.reads == 0


@pytest.mark.parametrize("memory_megabytes", [128])
def test_a_picture_that_needs_too_much_memory_is_rejected(processor: ImageProcessor) -> None:
    content = encoded(Image.new("P", (6_000, 6_000)), "PNG")

    reason = processor.rejection(content)

    assert reason == "This file needs too much memory. Try a smaller or simpler one."


def test_a_picture_that_takes_too_long_is_rejected(processor: ImageProcessor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("image_processor.processor.SHORTEST_READING_SECONDS", 0)
    monkeypatch.setattr("image_processor.processor.make_pictures", lambda _: time.sleep(60))

    # Of 7.2 s some are kept for storing results and for answering.
    reason = processor.rejection(encoded(half_white(), "JPEG"), seconds=7.2)

    assert reason == "This file takes too long to read. Try a smaller or simpler one."


def test_a_picture_has_time_to_be_read(processor: ImageProcessor, metrics: Callable[[], list[Metric]]) -> None:
    """Something else was slow before: neither the picture is to blame nor this code."""
    item_id = processor.upload(encoded(half_white(), "JPEG"))

    done = processor.uploaded(item_id, seconds=11)

    assert not done
    assert processor.state(item_id) == ("processing", None)
    assert metrics() == []


def test_our_own_mistake_is_no_rejection(processor: ImageProcessor, monkeypatch: pytest.MonkeyPatch) -> None:
    item_id = processor.upload(encoded(half_white(), "JPEG"))
    monkeypatch.setattr("image_processor.pictures._encoded", partial(int, "no picture"))

    done = processor.uploaded(item_id)

    assert not done
    assert processor.state(item_id) == ("processing", None)


def test_a_rejected_upload_stays_rejected(processor: ImageProcessor) -> None:
    item_id = processor.upload(b"no picture")
    processor.uploaded(item_id)
    processor.table.rows.clear()
    processor.bucket.uploads = dict.fromkeys(processor.bucket.uploads, encoded(half_white(), "JPEG"))

    done = processor.uploaded(item_id)

    assert done
    assert processor.state(item_id) == ("rejected", NO_PICTURE)
    assert processor.bus.published == []
