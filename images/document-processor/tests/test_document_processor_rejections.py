from __future__ import annotations

import io
import itertools
import json
import random
import zlib
from typing import TYPE_CHECKING

import pytest

from document_processor.documents import read_document
from document_processor.processor import STORING_SECONDS
from student_helper.database import Status
from student_helper.deadline import MARGIN_SECONDS
from student_helper.errors import RejectedError
from testing_support.document_files import (
    DOCX,
    PDF,
    archive,
    compound_file,
    encrypted,
    pdf,
    pdf_of_streams,
    word,
    word_of_xml,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import DocumentProcessor

UNSUPPORTED = "This file is not a document that we can read. Accepted: PDF, DOCX, plain text and Markdown."
DAMAGED = "This document is damaged and cannot be read. If you can open it, save it as PDF, and upload that."
TOO_LARGE_UNPACKED = "This document is too large when it is unpacked. Save it as PDF, and upload that."
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (encrypted(pdf("Secret."), "only I know"), "This PDF is protected by a password. Upload a copy without one."),
        (
            pdf("", ""),
            "This PDF has no text, only pictures of pages. Photograph or export the pages as pictures instead.",
        ),
        (b"%PDF-1.7\nand nothing else", DAMAGED),
        (pdf("Water moves.")[:200], DAMAGED),
        (b"From: a scanner\n" + pdf("Water moves.")[:450], DAMAGED),
        (pdf_of_streams(), "This document has no text."),
        (
            compound_file("EncryptedPackage"),
            "This document is protected by a password. Upload a copy without one.",
        ),
        (
            compound_file("WordDocument"),
            "This is a document of an old version of Word. Save it as DOCX or PDF, and upload that.",
        ),
        (compound_file("Workbook"), UNSUPPORTED),
        (word(lambda _: None), "This document has no text."),
        (word(lambda document: document.add_paragraph("Water"))[:3000], DAMAGED),
        (archive(**{"word/document.xml": b"<w:document/>"}), DAMAGED),
        (archive(**{"xl/workbook.xml": b"<workbook/>"}), UNSUPPORTED),
        (b" \n\t\r\n", "This document has no text."),
        (b"\0binary", UNSUPPORTED),
        (PNG, UNSUPPORTED),
        (b"\xff\xfea", UNSUPPORTED),
        (b"\xff\xd8\xff\xe1\x01", UNSUPPORTED),
        (b"\x8f\x9d", UNSUPPORTED),
        (b"{\\rtf1\\ansi Hello}", UNSUPPORTED),
        (b"<!DOCTYPE html><title>Hello</title>", UNSUPPORTED),
    ],
    ids=[
        "password",
        "scanned",
        "only the header",
        "cut off",
        "cut off behind something else",
        "no pages",
        "docx with a password",
        "old Word",
        "old Excel",
        "empty docx",
        "docx cut off",
        "hardly a docx",
        "new Excel",
        "blank",
        "NUL",
        "PNG",
        "half a character",
        "JPEG",
        "not even Windows-1252",
        "RTF",
        "HTML",
    ],
)
def test_what_cannot_be_used_is_rejected_with_a_reason(
    processor: DocumentProcessor, content: bytes, reason: str
) -> None:
    assert processor.reason(content) == reason


@pytest.mark.parametrize(
    ("limit", "content", "reason"),
    [
        ("pdf.MAX_PAGES", pdf("one", "two"), "This PDF has more than 1 pages. Upload it in parts."),
        ("documents.MAX_CHARACTERS", b"ab", "This document has more than 1 characters. Upload it in parts."),
        ("word.MAX_UNPACKED_BYTES", word(lambda _: None), TOO_LARGE_UNPACKED),
        ("word.MAX_COMPRESSION", word(lambda _: None), TOO_LARGE_UNPACKED),
    ],
)
def test_what_is_too_large_is_rejected(
    processor: DocumentProcessor, monkeypatch: pytest.MonkeyPatch, limit: str, content: bytes, reason: str
) -> None:
    monkeypatch.setattr(f"document_processor.{limit}", 1)

    assert processor.reason(content) == reason


def test_a_file_that_unpacks_to_a_thousand_times_its_size_is_not_unpacked(processor: DocumentProcessor) -> None:
    assert processor.reason(word_of_xml(" " * 20_000_000), DOCX) == TOO_LARGE_UNPACKED


def test_a_page_that_unpacks_to_a_thousand_times_its_size_is_not_unpacked(processor: DocumentProcessor) -> None:
    bomb = zlib.compress(b" " * 80_000_000)

    assert processor.reason(pdf_of_streams(bomb), PDF) == DAMAGED


def test_entities_that_multiply_are_damage(processor: DocumentProcessor) -> None:
    names = [f"e{number}" for number in range(12)]
    entities = "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in itertools.pairwise(names))
    document = word_of_xml(
        "<w:p><w:r><w:t>seen &e11;</w:t></w:r></w:p>", f'<!DOCTYPE w:document [<!ENTITY e0 "laugh">{entities}]>'
    )

    assert processor.reason(document, DOCX) == DAMAGED


def test_entities_read_no_files(processor: DocumentProcessor, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a password")
    document = word_of_xml(
        "<w:p><w:r><w:t>seen &secret;</w:t></w:r></w:p>",
        f'<!DOCTYPE w:document [<!ENTITY secret SYSTEM "{secret.as_uri()}">]>',
    )

    assert processor.text(document, DOCX) == "seen"


def test_elements_nested_too_deeply_are_damage(processor: DocumentProcessor) -> None:
    assert processor.reason(word_of_xml("<w:sdt>" * 1000 + "</w:sdt>" * 1000), DOCX) == DAMAGED


def test_what_nests_too_deeply_in_a_pdf_is_damage_from_however_deep_a_stack_it_is_read() -> None:
    content = pdf_of_streams(zlib.compress(b"BT /F1 12 Tf (Water moves.) Tj ET " + b"<< /A " * 2000))

    def read_from(frames: int) -> None:
        if frames:
            read_from(frames - 1)
        else:
            read_document(content)

    for frames in range(32):
        with pytest.raises(RejectedError, match=DAMAGED):
            read_from(frames)


@pytest.mark.parametrize("make", [lambda: pdf("Water moves.", "Cells divide."), lambda: word(lambda _: None)])
def test_damage_at_any_place_ends_well(processor: DocumentProcessor, make: Callable[[], bytes]) -> None:
    chance = random.Random(4)  # noqa: S311 - the same damage each time
    for _ in range(15):
        content = bytearray(make())
        for _ in range(20):
            content[chance.randrange(8, len(content))] = chance.randrange(256)

        item = processor.process(bytes(content))

        assert item.status in {Status.PROCESSING, Status.REJECTED}


def test_a_document_that_takes_too_long_is_rejected_while_there_is_time_to_store_what_was_read(
    processor: DocumentProcessor, monkeypatch: pytest.MonkeyPatch, logs: io.StringIO
) -> None:
    monkeypatch.setattr("document_processor.processor.SHORTEST_READING_SECONDS", 0.1)
    item_id = processor.upload(pdf(*("word " * 500_000 for _ in range(20))))

    assert processor.see(item_id, seconds=MARGIN_SECONDS + STORING_SECONDS + 0.3)

    assert processor.item(item_id).reason == "This file takes too long to read. Try a smaller or simpler one."
    [seconds] = [line["seconds"] for line in map(json.loads, logs.getvalue().splitlines()) if "seconds" in line]
    assert 0.3 <= seconds < 1


def test_a_document_that_gives_text_is_waited_for(
    processor: DocumentProcessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("document_processor.processor.READING_SECONDS", 0.5)
    monkeypatch.setattr("document_processor.documents.CHARACTERS_A_SECOND", 5_000)

    item = processor.process(pdf(*("word " * 10_000 for _ in range(30))), PDF)

    assert (item.status, item.pages) == (Status.PROCESSING, 30)


@pytest.fixture
def little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")


@pytest.mark.usefixtures("little_memory")
def test_a_document_that_takes_too_much_memory_is_rejected(processor: DocumentProcessor) -> None:
    reason = processor.reason(pdf_of_streams(zlib.compress(b" " * 70_000_000)), PDF)

    assert reason == "This file needs too much memory. Try a smaller or simpler one."


def test_logs_cite_nothing_of_a_damaged_document(logs: io.StringIO, caplog: pytest.LogCaptureFixture) -> None:
    content = pdf("").replace(b"/Pages", b"/diary").replace(b"/Catalog", b"/mydiary")

    with pytest.raises(RejectedError):
        read_document(content)

    [line] = logs.getvalue().splitlines()
    assert '"error":"PdfReadError"' in line
    assert [text for text in ("diary", "Root") if text in line + caplog.text] == []
