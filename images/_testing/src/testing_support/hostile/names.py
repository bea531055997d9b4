"""Hostile names of files, which the API refuses before there is a file."""

from typing import NamedTuple

FOLDERS = "Should be a file's name without folders"
UNPRINTABLE = "Should have printable characters only"
TOO_LONG = "Should have at most 255 bytes in UTF-8"
EMPTY = "String should have at least 1 character"


class HostileName(NamedTuple):
    """A name, and what the API says to it."""

    name: str
    """Of the case; unique."""
    filename: str
    message: str


def hostile_names() -> list[HostileName]:
    """All hostile names."""
    return [
        HostileName("up", "../../uploads/images/somebody/else.png", FOLDERS),
        HostileName("up on Windows", "..\\..\\windows\\system.ini", FOLDERS),
        HostileName("from the root", "/etc/passwd", FOLDERS),
        HostileName("from a drive", "C:\\notes.png", FOLDERS),
        HostileName("an address", "https://attacker.example/notes.png", FOLDERS),
        HostileName("NUL", "notes.exe\0.png", UNPRINTABLE),
        HostileName("a header", "notes.png\r\nSet-Cookie: a=b", UNPRINTABLE),
        HostileName("a line separator", "notes\u2028.png", UNPRINTABLE),
        HostileName("from right to left", "notes\u202egnp.exe", UNPRINTABLE),
        HostileName("isolated from right to left", "notes\u2067gnp.exe\u2069", UNPRINTABLE),
        HostileName("no width", "no\u200btes.png", UNPRINTABLE),
        HostileName("a byte order mark", "\ufeffnotes.png", UNPRINTABLE),
        HostileName(
            "tags that nobody sees", "notes" + "".join(chr(0xE0000 + ord(char)) for char in "exe"), UNPRINTABLE
        ),
        HostileName("for private use", "notes\ue000.png", UNPRINTABLE),
        HostileName("an escape sequence", "\x1b[2Jnotes.png", UNPRINTABLE),
        HostileName("1,000 letters", "n" * 996 + ".png", TOO_LONG),
        HostileName("1,000 decomposed letters", "e\u0301" * 500, TOO_LONG),
        HostileName("1,000 emoji", "\U0001f4da" * 1_000, TOO_LONG),
        HostileName("marks on marks", "a" + "\u0301\u0316" * 100_000, TOO_LONG),
        HostileName("blanks", " \t\u3000", EMPTY),
    ]
