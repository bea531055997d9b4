"""Files as students upload them, made of their text."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

import docx
from pypdf import PdfReader, PdfWriter

if TYPE_CHECKING:
    from docx.document import Document

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def content_stream(text: str) -> bytes:
    """What draws lines of ASCII on a page."""
    lines = " ".join(f"({line}) Tj T*" for line in text.splitlines())
    return f"BT /F1 12 Tf 14 TL 72 720 Td {lines} ET".encode("ascii")


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """A stream of a PDF, with these entries in its dictionary."""
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (len(content), entries, content)


def compressed_stream(content: bytes, entries: bytes = b"") -> bytes:
    """A stream of a PDF, compressed."""
    return stream(zlib.compress(content, 9), b"/Filter /FlateDecode " + entries)


def pdf(*texts: str) -> bytes:
    """A PDF with a page for each text."""
    return pdf_of_streams(*(zlib.compress(content_stream(text)) for text in texts))


def pdf_of_streams(*streams: bytes) -> bytes:
    """A PDF with a page for each compressed content stream."""
    kids = " ".join(f"{number} 0 R" for number in range(5, 5 + 2 * len(streams), 2))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(streams)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for content in streams:
        contents = len(objects) + 1
        objects += [
            stream(content, b"/Filter /FlateDecode"),
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {contents} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>".encode(),
        ]
    return pdf_of_objects(*objects)


def pdf_of_objects(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from 1; the first is its catalog."""
    file = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(file))
        file += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(file)
    file += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    file += "".join(f"{offset:010} 00000 n \n" for offset in offsets).encode()
    file += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(file)


def encrypted(content: bytes, password: str, algorithm: str = "AES-256") -> bytes:
    """A PDF, encrypted; the owner's password is another one."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(content)))
    writer.encrypt(password, "the owner's", algorithm=algorithm)
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


def word(fill: Callable[[Document], object]) -> bytes:
    """A DOCX, filled by python-docx."""
    document = docx.Document()
    fill(document)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def word_of_xml(body: str, declaration: str = "") -> bytes:
    """A DOCX with this XML as its body."""
    document = f'<?xml version="1.0"?>{declaration}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    return word_with("word/document.xml", document.encode())


def word_with(part: str, content: bytes, source: bytes | None = None) -> bytes:
    """A DOCX, an empty one if none is given, with this content as one of its parts."""
    file = BytesIO()
    with ZipFile(BytesIO(source or word(lambda _: None))) as old, ZipFile(file, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        new.writestr(part, content)
    return file.getvalue()


def archive(**entries: bytes) -> bytes:
    """A ZIP file."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as new:
        for name, content in entries.items():
            new.writestr(name, content)
    return file.getvalue()


def compound_file(stream: str) -> bytes:
    """As much of an OLE compound file as tells what it is: the magic number, and the name of a stream."""
    return bytes.fromhex("d0cf11e0a1b11ae1") + bytes(1024) + stream.encode("utf-16-le") + bytes(1024)
