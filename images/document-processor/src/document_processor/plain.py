"""Text files, and text in general."""

import codecs
import re
import unicodedata

from document_processor.rejections import UNSUPPORTED
from student_helper.errors import RejectedError

_BYTE_ORDER_MARKS = (
    # Longest first: that of UTF-32 begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHER_FORMATS = ("{\\rtf", "<!doctype html", "<html")
"""They are text too, but most of it is markup."""

_BINARY = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_LINE_ENDS = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
_NO_CHARACTERS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
"""Control characters, byte order marks, and what is no character at all; PostgreSQL stores no NUL."""


def decode(content: bytes) -> str:
    """The text of a text file: Unicode with a byte order mark, UTF-8, or else Windows-1252.

    Raises:
        RejectedError: it is no text.
    """
    text = _decoded(content)
    if text is None or text.lstrip()[:20].lower().startswith(_OTHER_FORMATS):
        raise RejectedError(UNSUPPORTED)
    return text


def is_text(content: bytes) -> bool:
    """Whether a file can be read as text, of whatever format."""
    return _decoded(content) is not None


def _decoded(content: bytes) -> str | None:
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if content.startswith(mark)), None)
    try:
        if encoding:
            return content.decode(encoding)
        if b"\0" in content:
            return None
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            # What old Windows programs in western Europe and America wrote. Other old encodings cannot be told from it:
            # their files come out as the wrong letters, unless they have one of the bytes that it does not use.
            text = content.decode("windows-1252")
            return None if _BINARY.search(text) else text
    except UnicodeDecodeError:
        return None


def normalise(text: str) -> str:
    """One spelling for each text.

    Letters are composed (NFC), blanks single, lines trimmed and ended by a line feed, paragraphs one empty line apart,
    and control characters gone.
    """
    text = _NO_CHARACTERS.sub("", _LINE_ENDS.sub("\n", text))
    text = unicodedata.normalize("NFC", text)
    text = re.sub(r"[^\S\n]+", " ", text)
    text = re.sub(r" ?\n ?", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()
