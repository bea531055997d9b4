"""Reading pictures of strangers, and making our own of them.

Nothing of a file gets into the results but what is seen: they are new pictures, into which pixels are pasted.
"""

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, cast

# Each plugin registers its format. They are imported with this module: `make_pictures` runs in a new process for each
# picture, which would import them again each time. Phones write JPEGs that are MPOs as well.
from PIL import (
    GifImagePlugin,  # noqa: F401
    Image,
    ImageCms,
    ImageOps,
    JpegImagePlugin,  # noqa: F401
    MpoImagePlugin,  # noqa: F401
    PngImagePlugin,  # noqa: F401
    TiffImagePlugin,  # noqa: F401
    UnidentifiedImageError,
    WebPImagePlugin,  # noqa: F401
)

from student_helper.errors import RejectedError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF")
"""The only ones that are tried, by content: neither the name nor the declared type counts."""

MAX_PIXELS = 50_000_000
"""The largest picture that is decoded: more than phones and scanners make, and 200 MB in memory."""

THUMBNAIL_SIDE = 320
"""The longest side of a thumbnail in pixels."""

RENDITION_SIDE = 1568
"""The longest side of a rendition in pixels: what the model sees of a larger one is scaled down to this.
https://docs.anthropic.com/en/docs/build-with-claude/vision
"""

NO_PICTURE = "This is not a picture that can be read. Accepted are JPEG, PNG, WebP, GIF and TIFF."
TOO_MANY_PIXELS = f"This picture has too many pixels. At most {MAX_PIXELS // 1_000_000} million are accepted."
DAMAGED = "This picture is damaged. Save it again, or take it from where it came from, and upload it once more."

# Pillow checks it, from the header and for each frame.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
# `Image.open` would do it.
Image.preinit()

_SRGB = ImageCms.createProfile("sRGB")


class Pictures(NamedTuple):
    """What is made of an upload."""

    thumbnail: bytes
    """WebP, for lists."""
    rendition: bytes
    """JPEG, for the model."""


def make_pictures(content: bytes) -> Pictures:
    """Makes a thumbnail and a rendition: upright, in sRGB, on white, of the first frame or page, never enlarged.

    Raises:
        RejectedError: the file is no picture that is accepted, too large, or damaged.
    """
    with _rejecting(), Image.open(io.BytesIO(content), formats=FORMATS) as file:
        picture = _read(file)
    rendition = _encoded(picture, "JPEG", quality=85)
    picture.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    return Pictures(_encoded(picture, "WEBP"), rendition)


@contextmanager
def _rejecting() -> Iterator[None]:
    """Rejects what the library cannot read. Its errors for files that are made to harm are of many types."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Pillow only warns of pictures up to twice the limit.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except MemoryError:
        raise  # `isolated` has words for it.
    except UnidentifiedImageError as error:
        raise RejectedError(NO_PICTURE) from error
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise RejectedError(TOO_MANY_PIXELS) from error
    except Exception as error:
        raise RejectedError(DAMAGED) from error


def _read(file: Image.Image) -> Image.Image:
    profile = file.info.get("icc_profile")
    picture = _smooth(file)
    # As early as can be, so that all else is done to few pixels. A large JPEG is not even decoded in full.
    picture.thumbnail((RENDITION_SIDE, RENDITION_SIDE), Image.Resampling.LANCZOS)
    picture.load()
    picture = _upright(picture)
    if profile:
        picture = _in_srgb(picture, profile)
    return _on_white(picture)


def _smooth(picture: Image.Image) -> Image.Image:
    """The picture with 8 bits for each channel, no palette, and no other transparency than an alpha channel.

    Scaled otherwise, it would get wrong colours or hard edges.
    """
    if picture.mode.startswith("I;16"):
        picture = picture.convert("F").point(lambda value: value / 256).convert("L")
        if "transparency" in picture.info:
            picture.info["transparency"] >>= 8
    if picture.mode != "RGBA" and picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture.convert("RGB") if picture.mode in ("1", "P") else picture


def _upright(picture: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(picture)
    except (struct.error, LookupError, SyntaxError, TypeError, ValueError):
        return picture  # Metadata that cannot be read says nothing about the orientation, nor against the picture.


def _in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        converted = ImageCms.profileToProfile(picture, io.BytesIO(profile), _SRGB, outputMode=mode)
    except ImageCms.PyCMSError:
        return picture  # A profile that cannot be read, or is for other pictures.
    return cast("Image.Image", converted)  # Only a conversion in place returns nothing.


def _on_white(picture: Image.Image) -> Image.Image:
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture if picture.mode == "RGBA" else None)
    return white


def _encoded(picture: Image.Image, file_format: str, **options: int) -> bytes:
    file = io.BytesIO()
    picture.save(file, file_format, **options)
    return file.getvalue()
