from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from image_processor_files import (
    SECRET,
    corners,
    half_white,
    oriented,
    swapped_profile,
    telling,
)
from PIL import Image, PngImagePlugin

from testing_support.picture_files import encoded

if TYPE_CHECKING:
    from conftest import ImageProcessor

Colour = tuple[int, int, int]

BLACK, GREY, WHITE = (0, 0, 0), (128, 128, 128), (255, 255, 255)
COLOURS = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255), "white": WHITE}


def same(found: Any, expected: Colour, tolerance: int = 24) -> bool:
    """Whether two colours are the same but for what encoders lose."""
    return all(abs(one - other) <= tolerance for one, other in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    ("file_format", "mode", "options"),
    [
        ("JPEG", "RGB", {}),
        ("JPEG", "RGB", {"progressive": True}),
        ("JPEG", "L", {}),
        ("JPEG", "CMYK", {}),
        ("PNG", "RGB", {}),
        ("PNG", "RGBA", {}),
        ("PNG", "LA", {}),
        ("PNG", "L", {}),
        ("PNG", "P", {}),
        ("PNG", "1", {}),
        ("PNG", "I;16", {}),
        ("WEBP", "RGB", {}),
        ("WEBP", "RGBA", {"lossless": True}),
        ("GIF", "P", {}),
        ("TIFF", "RGB", {}),
        ("TIFF", "RGB", {"compression": "jpeg"}),
        ("TIFF", "RGBA", {"compression": "tiff_lzw"}),
        ("TIFF", "CMYK", {}),
        ("TIFF", "YCbCr", {}),
        ("TIFF", "LAB", {}),
        ("TIFF", "I;16", {}),
        ("TIFF", "I;16B", {}),
        ("TIFF", "1", {"compression": "group4"}),
    ],
)
def test_all_kinds_of_accepted_pictures_are_read(
    processor: ImageProcessor, file_format: str, mode: str, options: dict[str, Any]
) -> None:
    content = encoded(half_white(mode), file_format, **options)

    results = processor.pictures(content)

    for picture in results:
        assert picture.size == (64, 32)
        assert same(picture.getpixel((8, 16)), BLACK)
        assert same(picture.getpixel((56, 16)), WHITE)


def test_what_is_printed_keeps_its_colours(processor: ImageProcessor) -> None:
    content = encoded(corners("red", "lime", "blue", "white").convert("CMYK"), "JPEG", quality=95)

    _, rendition = processor.pictures(content)

    assert same(rendition.getpixel((8, 8)), COLOURS["red"])
    assert same(rendition.getpixel((8, 24)), COLOURS["blue"])


@pytest.mark.parametrize("value", [0, 0x4000, 0x8000, 0xFFFF])
def test_16_bits_become_8(processor: ImageProcessor, value: int) -> None:
    content = encoded(Image.new("I;16", (8, 8), value), "PNG")

    _, rendition = processor.pictures(content)

    assert same(rendition.getpixel((4, 4)), (value >> 8, value >> 8, value >> 8), 2)


@pytest.mark.parametrize(
    ("size", "thumbnail_size", "rendition_size"),
    [
        ((1, 1), (1, 1), (1, 1)),
        ((320, 200), (320, 200), (320, 200)),
        ((640, 480), (320, 240), (640, 480)),
        ((3136, 1568), (320, 160), (1568, 784)),
        ((1000, 4000), (80, 320), (392, 1568)),
        ((20_000, 2), (320, 1), (1568, 1)),
    ],
)
@pytest.mark.parametrize("file_format", ["JPEG", "PNG"])
def test_large_pictures_are_scaled_down_and_small_ones_stay(
    processor: ImageProcessor,
    file_format: str,
    size: tuple[int, int],
    thumbnail_size: tuple[int, int],
    rendition_size: tuple[int, int],
) -> None:
    content = encoded(Image.new("L", size), file_format)

    thumbnail, rendition = processor.pictures(content)

    assert (thumbnail.size, rendition.size) == (thumbnail_size, rendition_size)


def test_a_picture_of_the_largest_size_is_read(processor: ImageProcessor) -> None:
    content = encoded(half_white("1", (10_000, 5_000)), "PNG")

    thumbnail, rendition = processor.pictures(content)

    assert (thumbnail.size, rendition.size) == ((320, 160), (1568, 784))
    assert same(rendition.getpixel((1500, 400)), WHITE)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize(
    ("orientation", "held"),
    [
        (1, None),
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (3, Image.Transpose.ROTATE_180),
        (4, Image.Transpose.FLIP_TOP_BOTTOM),
        (5, Image.Transpose.TRANSPOSE),
        (6, Image.Transpose.ROTATE_90),
        (7, Image.Transpose.TRANSVERSE),
        (8, Image.Transpose.ROTATE_270),
    ],
)
def test_pictures_are_turned_upright(
    processor: ImageProcessor, file_format: str, orientation: int, held: Image.Transpose | None
) -> None:
    upright = corners("red", "lime", "blue", "white")
    taken = upright if held is None else upright.transpose(held)

    results = processor.pictures(encoded(taken, file_format, exif=oriented(orientation)))

    for picture in results:
        assert picture.size == (64, 32)
        found = [picture.getpixel(corner) for corner in ((8, 4), (56, 4), (8, 28), (56, 28))]
        assert all(map(same, found, COLOURS.values())), found


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("exif", [b"Exif\0\0not what it says", oriented(6)[:12]])
def test_metadata_that_cannot_be_read_does_not_matter(processor: ImageProcessor, file_format: str, exif: bytes) -> None:
    content = encoded(half_white(), file_format, exif=exif)

    _, rendition = processor.pictures(content)

    assert rendition.size == (64, 32)


@pytest.mark.parametrize(
    "content",
    [
        encoded(Image.new("RGBA", (8, 8), (255, 0, 0, 0)), "PNG"),
        encoded(Image.new("LA", (8, 8), (0, 0)), "PNG"),
        encoded(Image.new("RGBA", (8, 8), (255, 0, 0, 0)), "WEBP", exact=True),
        encoded(Image.new("RGBA", (8, 8), (255, 0, 0, 0)), "TIFF"),
        encoded(Image.new("P", (8, 8), 0), "GIF", transparency=0),
        encoded(Image.new("P", (8, 8), 0), "PNG", transparency=0),
        encoded(Image.new("RGB", (8, 8), "red"), "PNG", transparency=(255, 0, 0)),
        encoded(Image.new("L", (8, 8), 7), "PNG", transparency=7),
        encoded(Image.new("1", (8, 8), 0), "PNG", transparency=0),
    ],
    ids=["RGBA", "LA", "WebP", "TIFF", "GIF", "palette", "colour", "grey", "bit"],
)
def test_what_is_transparent_is_white(processor: ImageProcessor, content: bytes) -> None:
    results = processor.pictures(content)

    assert all(same(picture.getpixel((4, 4)), WHITE, 2) for picture in results)


def test_only_the_transparent_grey_of_16_bits_is_white(processor: ImageProcessor) -> None:
    picture = Image.new("I;16", (32, 16), 0x8000)
    picture.paste(0, (0, 0, 16, 16))

    _, rendition = processor.pictures(encoded(picture, "PNG", transparency=0x8000))

    assert same(rendition.getpixel((4, 8)), BLACK)
    assert same(rendition.getpixel((28, 8)), WHITE)


def test_what_is_half_transparent_is_mixed_with_white(processor: ImageProcessor) -> None:
    content = encoded(Image.new("RGBA", (8, 8), (0, 0, 0, 127)), "PNG")

    results = processor.pictures(content)

    assert all(same(picture.getpixel((4, 4)), GREY, 2) for picture in results)


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "PNG", "TIFF", "MPO"])
def test_of_several_frames_or_pages_the_first_counts(processor: ImageProcessor, file_format: str) -> None:
    first, *others = (Image.new("RGB", (16, 16), colour) for colour in ("red", "lime", "blue"))
    content = encoded(first, file_format, save_all=True, append_images=others)

    results = processor.pictures(content)

    assert all(same(picture.getpixel((8, 8)), COLOURS["red"]) for picture in results)


XMP = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{SECRET}</x:xmpmeta>".encode()


def png_text() -> PngImagePlugin.PngInfo:
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", SECRET)
    text.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return text


@pytest.mark.parametrize(
    ("file_format", "options"),
    [
        ("JPEG", {"exif": telling(), "xmp": XMP, "comment": SECRET}),
        ("PNG", {"exif": telling(), "pnginfo": png_text()}),
        ("WEBP", {"exif": telling(), "xmp": XMP}),
        ("TIFF", {"exif": telling()}),
        ("GIF", {"comment": SECRET}),
    ],
)
def test_no_metadata_gets_into_the_results(
    processor: ImageProcessor, file_format: str, options: dict[str, Any]
) -> None:
    profile = {} if file_format == "GIF" else {"icc_profile": swapped_profile()}
    content = encoded(half_white("RGB"), file_format, **options, **profile)
    assert SECRET.encode() in content

    results = processor.pictures(content)

    for picture in results:
        assert dict(picture.getexif()) == {}
        assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "loop", "background"}
    for _, result in processor.bucket.results.values():
        assert not any(trace in result for trace in (SECRET.encode(), b"Exif", b"EXIF", b"ICC", b"XMP", b"xmp"))


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_colours_are_those_that_the_profile_means(processor: ImageProcessor, file_format: str) -> None:
    content = encoded(Image.new("RGB", (16, 16), "red"), file_format, icc_profile=swapped_profile())

    results = processor.pictures(content)

    assert all(same(picture.getpixel((8, 8)), COLOURS["blue"]) for picture in results)


def test_a_profile_leaves_transparency_alone(processor: ImageProcessor) -> None:
    picture = corners("red", "red", "red", "red").convert("RGBA")
    picture.paste((255, 0, 0, 0), (32, 0, 64, 32))

    _, rendition = processor.pictures(encoded(picture, "PNG", icc_profile=swapped_profile()))

    assert same(rendition.getpixel((8, 16)), COLOURS["blue"])
    assert same(rendition.getpixel((56, 16)), WHITE)


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("profile", [b"no profile at all", swapped_profile()[:200]])
def test_a_profile_that_cannot_be_read_does_not_matter(processor: ImageProcessor, mode: str, profile: bytes) -> None:
    content = encoded(half_white(mode), "JPEG", icc_profile=profile)

    _, rendition = processor.pictures(content)

    assert same(rendition.getpixel((56, 16)), WHITE)


def test_a_profile_for_colours_does_not_matter_to_a_grey_picture(processor: ImageProcessor) -> None:
    content = encoded(half_white("L"), "PNG", icc_profile=swapped_profile())

    _, rendition = processor.pictures(content)

    assert same(rendition.getpixel((56, 16)), WHITE)


def test_the_declared_type_does_not_matter(processor: ImageProcessor) -> None:
    item_id = processor.upload(encoded(half_white(), "GIF"), content_type="image/png")

    done = processor.uploaded(item_id)

    assert done
    assert processor.state(item_id) == ("processing", None)
    assert [Image.open(io.BytesIO(content)).format for _, content in processor.bucket.results.values()] == [
        "WEBP",
        "JPEG",
    ]
