from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from student_helper.database import Status
from testing_support.document_files import DOCX, PDF, WORD, encrypted, pdf, word, word_of_xml

if TYPE_CHECKING:
    from conftest import DocumentProcessor
    from docx.document import Document

UMLAUT = "\N{LATIN SMALL LETTER O WITH DIAERESIS}"
GREETING = f"Sch{UMLAUT}nen Tag, \N{CYRILLIC SMALL LETTER DE}\N{CYRILLIC SMALL LETTER A}!"


def test_a_pdf_becomes_passages_with_the_numbers_of_their_pages(processor: DocumentProcessor) -> None:
    item = processor.process(pdf("Light becomes energy.\nPlants are green.", "Water moves.", "Cells divide."), PDF)

    assert (item.status, item.reason, item.pages) == (Status.PROCESSING, None, 3)
    assert processor.passages(item.item_id) == [
        (1, 1, "Light becomes energy.\nPlants are green."),
        (2, 2, "Water moves."),
        (3, 3, "Cells divide."),
    ]
    assert processor.bus.published == [
        ("DocumentProcessed", {"version": 1, "item_id": str(item.item_id), "object_version": "v1"})
    ]


def test_of_a_partly_scanned_pdf_the_pages_with_text_are_used(processor: DocumentProcessor) -> None:
    item = processor.process(pdf("", "Water moves.", ""), PDF)

    assert item.pages == 3
    assert processor.passages(item.item_id) == [(1, 2, "Water moves.")]


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_a_pdf_that_only_forbids_changes_is_read(processor: DocumentProcessor, algorithm: str) -> None:
    item = processor.process(encrypted(pdf("Water moves."), "", algorithm), PDF)

    assert processor.passages(item.item_id) == [(1, 1, "Water moves.")]


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"\n" * 1000, b""), (b"\xef\xbb\xbf", b""), (b"From: a scanner\n\n", b"\n-- \nA scanner")],
    ids=["blanks", "byte order mark", "a mail"],
)
def test_a_pdf_may_have_something_before_its_header_and_behind_its_end(
    processor: DocumentProcessor, before: bytes, after: bytes
) -> None:
    item = processor.process(before + pdf("Water moves.") + after, PDF)

    assert processor.passages(item.item_id) == [(1, 1, "Water moves.")]


@pytest.mark.parametrize("content_type", ["text/markdown", PDF])
def test_a_text_about_pdf_is_a_text(processor: DocumentProcessor, content_type: str) -> None:
    notes = "# File formats\n\nA PDF begins with %PDF-1.7, and ends with startxref, a number and %%EOF."

    assert processor.text(notes.encode(), content_type) == notes


def test_a_docx_is_read_in_its_order_with_its_tables(processor: DocumentProcessor) -> None:
    def fill(document: Document) -> None:
        document.sections[0].header.paragraphs[0].text = "Class 7b"
        document.add_heading("Periodic table", 1)
        document.add_paragraph("Noble gases\thardly react.")
        table = document.add_table(rows=3, cols=3)
        texts = ("Element", "Symbol", "Number", "Helium", "He", "2", "Together", "", "")
        for number, text in enumerate(texts):
            table.cell(number // 3, number % 3).text = text
        table.cell(2, 0).merge(table.cell(2, 1))
        table.cell(1, 1).add_paragraph("gas")
        document.add_paragraph("Halogens react.")

    text = processor.text(word(fill), DOCX)

    assert text == (
        "Periodic table\n\nNoble gases hardly react.\n\n"
        "Element | Symbol | Number\nHelium | He gas | 2\nTogether |\nHalogens react."
    )


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<w:p><w:ins><w:r><w:t>added</w:t></w:r></w:ins></w:p>", "added"),
        ("<w:p><w:del><w:r><w:delText>removed</w:delText></w:r></w:del><w:r><w:t>kept</w:t></w:r></w:p>", "kept"),
        ("<w:sdt><w:sdtContent><w:p><w:r><w:t>in a form</w:t></w:r></w:p></w:sdtContent></w:sdt>", "in a form"),
        (
            '<w:p><m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math">'
            "<m:r><m:t>E=mc</m:t></m:r></m:oMath></w:p>",
            "E=mc",
        ),
        (
            "<w:p><w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom></w:p>"
            "<w:p><w:moveTo><w:r><w:t>moved</w:t></w:r></w:moveTo></w:p>",
            "moved",
        ),
        (
            "<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>one</w:t><w:br/><w:t>two</w:t>"
            "<w:noBreakHyphen/></w:r></w:p>",
            "one\ntwo-",
        ),
        (
            '<w:p><w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
            "<mc:Choice><w:p><w:r><w:t>box</w:t></w:r></w:p></mc:Choice>"
            "<mc:Fallback><w:p><w:r><w:t>box</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent></w:r></w:p>",
            "box",
        ),
        (
            "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>b</w:t></w:r></w:p>"
            "</w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl></w:tc><w:tc><w:p><w:r><w:t>c</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
            "a b | | c",
        ),
    ],
    ids=["insertion", "deletion", "content control", "formula", "move", "breaks", "text box", "nested table"],
)
def test_a_docx_is_read_as_it_looks(processor: DocumentProcessor, body: str, text: str) -> None:
    assert processor.text(word_of_xml(body), DOCX) == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be-marked", "utf-32", "utf-32-be-marked"])
def test_unicode_text_is_read(processor: DocumentProcessor, encoding: str) -> None:
    marked = encoding.endswith("-marked")
    content = ("\ufeff" * marked + GREETING).encode(encoding.removesuffix("-marked"))

    assert processor.text(content) == GREETING


def test_other_text_is_taken_for_that_of_old_windows_programs(processor: DocumentProcessor) -> None:
    assert processor.text(f"Sch{UMLAUT}n \N{EURO SIGN}".encode("windows-1252")) == f"Sch{UMLAUT}n \N{EURO SIGN}"


@pytest.mark.parametrize("content_type", ["text/plain", "text/markdown", PDF, DOCX])
def test_what_a_file_is_called_changes_nothing(processor: DocumentProcessor, content_type: str) -> None:
    markdown = b"---\ntitle: Gravity\n---\n\n# Gravity\n\n*Apples* fall.\n"

    assert processor.text(markdown, content_type) == "---\ntitle: Gravity\n---\n\n# Gravity\n\n*Apples* fall."


def test_one_text_has_one_spelling(processor: DocumentProcessor) -> None:
    text = "\ufeff  a\tb\u00a0 c \r\nd\re\x0cf\x01\x1b\x7f\x85\n\n\n \ng\u2028ho\u0308\ufeff\n"

    assert processor.text(text.encode()) == f"a b c\nd\ne\nf\n\ng\nh{UMLAUT}"


def test_the_namespace_of_the_test_documents_is_words_own() -> None:
    from docx.oxml.ns import nsmap

    assert nsmap["w"] == WORD
