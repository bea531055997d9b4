"""Documents as text. What kind a file is of is seen from its content; its name and declared type say nothing."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from document_processor.pdf import read_pdf
from document_processor.plain import decode, is_text, normalise
from document_processor.rejections import NO_TEXT, NO_TEXT_IN_PDF, OLD_WORD, PROTECTED_DOCX, UNSUPPORTED
from document_processor.word import read_docx
from student_helper.errors import RejectedError
from student_helper.isolation import prolong

MAX_CHARACTERS = 2_000_000
"""Some 1,000 pages; each passage of it is embedded at a price."""

CHARACTERS_A_SECOND = 20_000
"""A quarter of what a document of many pages gives: it is waited for as long as there is this much to be had."""

_PDF = b"%PDF-"
_PDF_AT_START = re.compile(rb"(?:\xef\xbb\xbf)?[\0\t\n\f\r ]*%PDF-")
_PDF_END = re.compile(rb"startxref\s+\d+\s+%%EOF")
_PDF_TOLERANCE_BYTES = 1024
"""Mail programs and scanners put something before the header, and others behind the end, which all readers of PDF
tolerate to this extent."""
_ZIP = b"PK\x03\x04"
_COMPOUND_FILE = bytes.fromhex("d0cf11e0a1b11ae1")
"""The container of Word up to 2003, and of later documents with a password."""


class Page(NamedTuple):
    """A page, or the whole of a document without pages."""

    number: int | None
    """From 1; none in a document without pages."""
    text: str


class Document(NamedTuple):
    """What is read of a file."""

    pages: list[Page]
    """Those with text."""
    page_count: int | None
    """Of all pages; none in a document without pages."""


def read_document(content: bytes) -> Document:
    """Reads a PDF, DOCX or text file.

    Raises:
        RejectedError: it cannot be used.
    """
    if _is_pdf(content):
        pages = _normalised(Page(number, text) for number, text in enumerate(read_pdf(content), 1))
        return Document(_with_text(pages, NO_TEXT_IN_PDF if pages else NO_TEXT), len(pages))
    if content.startswith(_COMPOUND_FILE):
        raise RejectedError(_compound_file_reason(content))
    text = read_docx(content) if content.startswith(_ZIP) else decode(content)
    return Document(_with_text(_normalised([Page(None, text)]), NO_TEXT), None)


def _is_pdf(content: bytes) -> bool:
    beginning, end = content[:_PDF_TOLERANCE_BYTES], content[-_PDF_TOLERANCE_BYTES:]
    if _PDF not in beginning:
        return False
    # A text may be about PDF, and name the header.
    return bool(_PDF_AT_START.match(beginning) or _PDF_END.search(end)) or not is_text(content)


def _normalised(pages: Iterable[Page]) -> list[Page]:
    read = []
    characters = 0
    for page in pages:
        characters += len(page.text)
        if characters > MAX_CHARACTERS:
            raise RejectedError(f"This document has more than {MAX_CHARACTERS:,} characters. Upload it in parts.")
        read.append(Page(page.number, normalise(page.text)))
        # Not before it is normalised: a text that is made to be slow would have the more time for it.
        prolong(len(page.text) / CHARACTERS_A_SECOND)
    return read


def _with_text(pages: list[Page], otherwise: str) -> list[Page]:
    found = [page for page in pages if page.text]
    if not found:
        raise RejectedError(otherwise)
    return found


def _compound_file_reason(content: bytes) -> str:
    # The names of its streams: [MS-OFFCRYPTO] 2.3.4.4 and [MS-DOC] 2.1.1.
    if "EncryptedPackage".encode("utf-16-le") in content:
        return PROTECTED_DOCX
    return OLD_WORD if "WordDocument".encode("utf-16-le") in content else UNSUPPORTED
