"""Hostile text files."""

import random

from testing_support.hostile.files import MARKDOWN, TEXT, HostileFile
from testing_support.hostile.reasons import NO_TEXT, TOO_MANY_CHARACTERS, UNSUPPORTED


def hostile_texts() -> list[HostileFile]:
    """All hostile text files."""
    return [
        HostileFile("text on one line of 19 MB", TEXT, TOO_MANY_CHARACTERS, lambda: b"x" * 19_000_000),
        HostileFile("text of 3 million empty lines", TEXT, TOO_MANY_CHARACTERS, lambda: b"\n" * 3_000_000),
        HostileFile("text that is packed like a bomb", TEXT, UNSUPPORTED, lambda: b"\x1f\x8b\x08" + bytes(99)),
        HostileFile("text of NUL", TEXT, UNSUPPORTED, lambda: bytes(3_000_000)),
        HostileFile("text that ends with NUL", MARKDOWN, UNSUPPORTED, lambda: b"# Notes\n" * 9 + b"\0"),
        HostileFile("empty text", TEXT, NO_TEXT, bytes),
        HostileFile("empty markdown", MARKDOWN, NO_TEXT, bytes),
        HostileFile("text of noise", TEXT, UNSUPPORTED, _noise),
        HostileFile("text of control characters", TEXT, NO_TEXT, lambda: b"\x01\x02\x07\x1b\x7f" * 100),
        HostileFile("text of byte order marks", TEXT, NO_TEXT, lambda: b"\xef\xbb\xbf" * 1_000),
        HostileFile("text of half a surrogate pair", TEXT, UNSUPPORTED, lambda: b"\xff\xfe\x00\xd8"),
        HostileFile("text of half a character", TEXT, UNSUPPORTED, lambda: b"\xfe\xff\x00a\x00"),
        HostileFile("text beyond the last character", TEXT, UNSUPPORTED, lambda: b"\xff\xfe\0\0\xff\xff\xff\xff"),
        HostileFile("text in no encoding", TEXT, UNSUPPORTED, lambda: b"\x8f\x9d\x81" * 9),
        HostileFile(
            "html called markdown", MARKDOWN, UNSUPPORTED, lambda: b"\n <!DOCTYPE html><script>alert(1)</script>"
        ),
        HostileFile("rtf called text", TEXT, UNSUPPORTED, lambda: b"{\\rtf1{\\object\\objdata 0105}}"),
        HostileFile("jpeg called text", TEXT, UNSUPPORTED, lambda: b"\xff\xd8\xff\xe0\0\x10JFIF\0"),
        HostileFile("program for Windows called markdown", MARKDOWN, UNSUPPORTED, lambda: b"MZ\x90\0\x03\0\0\0"),
    ]


def _noise() -> bytes:
    return random.Random(1).randbytes(100_000)  # noqa: S311 - the same each time
