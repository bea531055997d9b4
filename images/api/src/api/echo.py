"""What a client sent, as it is told again.

A body may be as large as 6 MB, which is also the most that Lambda answers: more is an error of the function.
"""

from collections.abc import Collection

LONGEST = 60
"""How many characters of a text are told."""

MOST = 3
"""How many names are told."""


def shortened(text: str) -> str:
    """The beginning of a text, in characters that UTF-8 can hold: JSON can name halves of surrogate pairs."""
    beginning = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return beginning.encode(errors="replace").decode()


def listed(names: Collection[str]) -> str:
    """The first of some names, and how many others there are."""
    first = ", ".join(map(shortened, sorted(names)[:MOST]))
    return first if len(names) <= MOST else f"{first} and {len(names) - MOST:,} more"
