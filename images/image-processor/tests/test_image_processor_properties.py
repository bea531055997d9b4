"""What holds for whatever somebody calls a picture."""

from __future__ import annotations

import io

from hypothesis import example, given, settings
from hypothesis import strategies as st
from image_processor_files import half_white
from PIL import Image

from image_processor.pictures import RENDITION_SIDE, THUMBNAIL_SIDE, make_pictures
from student_helper.errors import RejectedError
from testing_support.picture_files import encoded

FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "TIFF"]
FILES = {name: encoded(half_white("RGB"), name) for name in FORMATS}
MAGIC = [content[:12] for content in FILES.values()]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A picture of which some bytes are others, some are gone, and some are new."""
    content = bytearray(FILES[draw(st.sampled_from(FORMATS))])
    for _ in range(draw(st.integers(1, 8))):
        start = draw(st.integers(0, len(content)))
        content[start : start + draw(st.integers(0, 4))] = draw(st.binary(max_size=4))
    return bytes(content)


@settings(max_examples=400)
@given(content=st.binary() | st.builds(bytes.__add__, st.sampled_from(MAGIC), st.binary()) | damaged())
@example(content=b"")
def test_anything_becomes_pictures_of_bounded_size_or_is_rejected(content: bytes) -> None:
    try:
        made = make_pictures(content)
    except RejectedError:
        return

    thumbnail, rendition = (Image.open(io.BytesIO(picture)) for picture in made)
    assert (thumbnail.format, rendition.format) == ("WEBP", "JPEG")
    assert max(thumbnail.size) <= THUMBNAIL_SIDE
    assert max(rendition.size) <= RENDITION_SIDE


@given(
    file_format=st.sampled_from(FORMATS),
    size=st.tuples(st.integers(1, 3_000), st.integers(1, 3_000)),
    mode=st.sampled_from(["L", "RGB"]),
)
def test_every_picture_keeps_its_shape_and_is_never_enlarged(
    file_format: str, size: tuple[int, int], mode: str
) -> None:
    made = make_pictures(encoded(Image.new(mode, size, "white"), file_format))

    for picture, side in zip(made, (THUMBNAIL_SIDE, RENDITION_SIDE), strict=True):
        width, height = Image.open(io.BytesIO(picture)).size
        scale = min(1, side / max(size))
        assert abs(width - max(1, size[0] * scale)) <= 1
        assert abs(height - max(1, size[1] * scale)) <= 1
