"""DOCX files."""

from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import docx
from docx.oxml.ns import nsmap

from document_processor.rejections import TOO_LARGE_UNPACKED, UNSUPPORTED, blamed_on_file
from student_helper.errors import RejectedError

MAX_UNPACKED_BYTES = 200 * 1024 * 1024

MAX_COMPRESSION = 200
"""How many times larger than the file its content may be. Real documents stay below 30; deflate can reach 1,032."""

COMPRESSIONS = {ZIP_STORED, ZIP_DEFLATED}
"""What a document may be packed by: ISO/IEC 29500-2, annex B. Python unpacks others without regard to their size."""

_WORD = f"{{{nsmap['w']}}}"
_MATH = f"{{{nsmap['m']}}}"
_MARKUP_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"

# ECMA-376, part 1, chapters 17 and 22, and part 3.
_PARAGRAPH, _ROW, _CELL = (f"{_WORD}{name}" for name in ("p", "tr", "tc"))
_TEXTS = {f"{_WORD}t", f"{_MATH}t"}
_CHARACTERS = {
    f"{_WORD}tab": "\t",
    f"{_WORD}ptab": "\t",
    f"{_WORD}br": "\n",
    f"{_WORD}cr": "\n",
    f"{_WORD}noBreakHyphen": "-",
}
_LEFT_OUT = {
    f"{_WORD}moveFrom",  # moved elsewhere while changes were tracked; deleted text has elements of its own
    f"{_MARKUP_COMPATIBILITY}Fallback",  # the same again, for old programs
}
_CELL_END = "\x1f"
"""Ends a cell's text until its row is complete. XML cannot contain it."""


def read_docx(content: bytes) -> str:
    """The text of the body, tables included, in the document's order; each row is a line with ` | ` between its cells.

    Headers, footers, footnotes and comments are not part of the body.

    Raises:
        RejectedError: it is damaged, another kind of archive, or made to fill the memory.
    """
    with blamed_on_file(), ZipFile(BytesIO(content)) as archive:
        entries = archive.infolist()
    packed_as_document = all(entry.compress_type in COMPRESSIONS for entry in entries)
    if not (packed_as_document and any(entry.filename.startswith("word/") for entry in entries)):
        raise RejectedError(UNSUPPORTED)
    # No entry can unpack to more than it says: reading stops there.
    if sum(entry.file_size for entry in entries) > min(MAX_UNPACKED_BYTES, MAX_COMPRESSION * len(content)):
        raise RejectedError(TOO_LARGE_UNPACKED)
    with blamed_on_file():
        body = docx.Document(BytesIO(content)).element.body
    # It may be left out: ECMA-376, part 1, 17.2.3.
    return "" if body is None else _text(body)


def _text(element: Any) -> str:
    # Of the elements themselves: the library's paragraphs lack formulas, insertions, text boxes and content controls.
    # Their nesting is limited to 256 by the parser.
    if element.tag in _LEFT_OUT:
        return ""
    if element.tag in _TEXTS:
        return element.text or ""
    if element.tag in _CHARACTERS:
        return _CHARACTERS[element.tag]
    text = "".join(_text(child) for child in element)
    if element.tag == _PARAGRAPH:
        return f"{text}\n\n"
    if element.tag == _CELL:
        return " ".join(text.split()) + _CELL_END
    if element.tag == _ROW:
        return " | ".join(text.split(_CELL_END)[:-1]) + "\n"
    return text
