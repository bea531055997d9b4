"""Pictures, byte by byte where no library would write them."""

import io
import struct
import zlib
from typing import Any

from PIL import Image


def encoded(picture: Image.Image, file_format: str, **options: Any) -> bytes:
    """A picture as a library writes it."""
    file = io.BytesIO()
    picture.save(file, file_format, **options)
    return file.getvalue()


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
