"""Splits documents into passages: pieces of text of bounded size, each of which is searched by itself."""

import re
import unicodedata
from typing import NamedTuple

from document_processor.documents import Document

MAX_CHARACTERS = 1200
"""Some 200 words: enough to be about something, and little enough to be about one thing."""

MIN_CHARACTERS = MAX_CHARACTERS // 2
"""A passage that is not the last of its page is at least this long, so that no page makes thousands."""

_BOUNDARIES = tuple(
    re.compile(pattern)
    for pattern in (
        # A heading in Markdown.
        r"(?=\n\n?#{1,6} )",
        # The end of a paragraph.
        r"(?=\n\n)",
        # The end of a sentence, with what closes after it: marks that blanks follow (Latin, Arabic, Urdu, Devanagari,
        # Armenian, Ethiopic, Khmer, Burmese, Tibetan), or those of Chinese and Japanese, which stand alone.
        r"[.!?\u2026\u061f\u06d4\u0964\u0965\u0589\u1362\u17d4\u104b\u0f0d][\"')\]\u00bb\u2019\u201d]{0,3}(?=\s)"
        r"|[\u3002\uff01\uff1f\uff61\uff0e][\"'\u2019\u201d\u300d\u300f\uff09\u3011\u300b]{0,3}",
        # The end of a line.
        r"(?=\n)",
        # The end of a word.
        r"(?=\s)",
    )
)
"""Where a passage may end, best first."""

_LOOKAHEAD = len("\n\n###### ")

_BLANKS = re.compile(r"\s*")
_ZERO_WIDTH_JOINER = "\u200d"
_SKIN_TONES = range(0x1F3FB, 0x1F400)  # Emoji modifiers, which are no marks.


class PagePassage(NamedTuple):
    """A passage, and where it stands."""

    page: int | None
    text: str


class Passages(NamedTuple):
    """A document in passages."""

    passages: list[PagePassage]
    """In reading order."""
    page_count: int | None


def passages_of(document: Document) -> Passages:
    """Splits each page of a document by itself."""
    return Passages(
        [PagePassage(page.number, text) for page in document.pages for text in split(page.text)], document.page_count
    )


def split(text: str) -> list[str]:
    """Cuts a text into passages, at the best boundary in the second half of what would fit.

    Nothing but blanks and line ends between two passages is lost. Short neighbouring paragraphs share a passage.

    Args:
        text: as `normalise` makes it.
    """
    passages = []
    start = 0
    while len(text) - start > MAX_CHARACTERS:
        end = _end(text, start)
        passages.append(text[start:end].rstrip())
        start = _BLANKS.match(text, end).end()  # type: ignore[union-attr] # it matches everywhere
    passages.append(text[start:])
    return passages


def _end(text: str, start: int) -> int:
    shortest, longest = start + MIN_CHARACTERS, start + MAX_CHARACTERS
    for boundary in _BOUNDARIES:
        ends = [match.end() for match in boundary.finditer(text, shortest, longest + _LOOKAHEAD)]
        if fitting := [end for end in ends if end <= longest]:
            return fitting[-1]
    return next((end for end in range(longest, shortest, -1) if not _is_joined(text, end)), longest)


def _is_joined(text: str, position: int) -> bool:
    # Letters with several marks, and emoji of several parts.
    following = text[position]
    return (
        unicodedata.category(following).startswith("M")
        or _ZERO_WIDTH_JOINER in (following, text[position - 1])
        or ord(following) in _SKIN_TONES
    )
