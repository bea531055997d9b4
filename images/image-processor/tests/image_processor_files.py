"""Files that students might upload, and where these and their results are."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any
from uuid import UUID

from PIL import ExifTags, Image, ImageCms

from testing_support.rows import OWNER

SECRET = "Ada's desk"
"""What the metadata of a picture says."""


def key_of(item_id: UUID, owner: str = OWNER) -> str:
    return f"uploads/images/{owner}/{item_id}"


def result_keys(item_id: UUID, version: str) -> list[str]:
    return [f"results/{OWNER}/{item_id}/{version}/{name}" for name in ("thumbnail.webp", "rendition.jpg")]


def encoded(picture: Image.Image, file_format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, file_format, **options)
    return file.getvalue()


def half_white(mode: str = "L", size: tuple[int, int] = (64, 32)) -> Image.Image:
    """Black on the left, white on the right."""
    picture = Image.new("L", size, 0)
    picture.paste(255, (size[0] // 2, 0, *size))
    if mode.startswith("I;16"):
        return picture.convert("I").point(lambda value: value * 257 + 0).convert(mode)
    return picture if mode == "L" else picture.convert("RGB").convert(mode)


def corners(*colours: str) -> Image.Image:
    """A picture of 64 x 32 whose corners have these colours: upper left and right, lower left and right."""
    picture = Image.new("RGB", (64, 32))
    for number, colour in enumerate(colours):
        left, top = number % 2 * 32, number // 2 * 16
        picture.paste(colour, (left, top, left + 32, top + 16))
    return picture


def oriented(orientation: int) -> bytes:
    """EXIF that says how a camera was held."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return exif.tobytes()


def telling() -> bytes:
    """EXIF that says who took the picture, and where."""
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = SECRET
    position = exif.get_ifd(ExifTags.IFD.GPSInfo)
    position[ExifTags.GPS.GPSLatitudeRef] = "N"
    position[ExifTags.GPS.GPSLatitude] = (51.0, 30.0, 26.0)
    return exif.tobytes()


def swapped_profile() -> bytes:
    """An ICC profile of a camera that takes red for blue."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return srgb.replace(b"rXYZ", b"XXXX").replace(b"bXYZ", b"rXYZ").replace(b"XXXX", b"bXYZ")


def png(width: int, height: int, *chunks: bytes) -> bytes:
    """A PNG of one bit for each pixel, with these chunks, and with the pixels of one line."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    line = zlib.compress(bytes(width // 8 + 2), 9)
    return b"".join((b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header), *chunks, chunk(b"IDAT", line), chunk(b"IEND", b"")))


def chunk(name: bytes, content: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def gif(width: int, height: int) -> bytes:
    """A GIF whose screen has this size."""
    small = encoded(Image.new("P", (1, 1)), "GIF")
    return small[:6] + struct.pack("<HH", width, height) + small[10:]


def jpeg(width: int, height: int) -> bytes:
    """A JPEG that says that it has this size."""
    small = encoded(Image.new("L", (8, 8)), "JPEG")
    return small.replace(b"\x08\x00\x08\x00\x08\x01", b"\x08" + struct.pack(">HH", height, width) + b"\x01")


def webp(width: int, height: int) -> bytes:
    """A lossless WebP that says that it has this size."""
    small = encoded(Image.new("RGB", (1, 1)), "WEBP", lossless=True)
    bits = struct.unpack_from("<I", small, 21)[0] & ~0xFFFFFFF | (height - 1) << 14 | (width - 1)
    return small[:21] + struct.pack("<I", bits) + small[25:]


def tiff(width: int, height: int, *tags: tuple[int, int, int, int]) -> bytes:
    """A TIFF of one bit for each pixel that says that it has this size, with further tags: id, type, count, value."""
    entries = ((256, 4, 1, width), (257, 4, 1, height), (262, 3, 1, 1), (273, 4, 1, 8), (279, 4, 1, 1), *tags)
    directory = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<2sHI", b"II", 42, 8) + struct.pack("<H", len(entries)) + directory + bytes(4)
