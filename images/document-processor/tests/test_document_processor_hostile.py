from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from student_helper.database import Status
from testing_support.document_files import archive, pdf, word_of_xml, word_with
from testing_support.hostile import HostileFile, hostile_documents
from testing_support.measuring import measured

if TYPE_CHECKING:
    from conftest import DocumentProcessor

FILES = hostile_documents()
MEMORY_MEGABYTES = 2048


@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_a_hostile_document_is_rejected_in_bounded_time_and_memory(
    processor: DocumentProcessor, file: HostileFile
) -> None:
    item_id = processor.upload(file.make(), file.content_type)
    # Its connections are not for the process that is measured.
    processor.database.dispose()

    def receive() -> None:
        processor.database.dispose(close=False)
        assert processor.see(item_id)
        assert (processor.bus.published, processor.queue.dead_letters) == ([], [])

    took = measured(receive)

    item = processor.item(item_id)
    assert item.status is Status.REJECTED
    assert item.reason in file.reasons
    assert processor.passages(item_id) == []
    assert took.seconds < 10
    assert took.megabytes < 0.6 * MEMORY_MEGABYTES


HARMLESS = {
    "PDF and archive": (pdf("Water moves.") + archive(**{"payload.html": b"<script>"}), "Water moves."),
    "PDF after a script": (b"<script>/*\n" + pdf("Water moves."), "Water moves."),
    "DOCX with a macro": (
        word_with(
            "word/vbaProject.bin", b"Sub AutoOpen()", word_of_xml("<w:p><w:r><w:t>Water moves.</w:t></w:r></w:p>")
        ),
        "Water moves.",
    ),
    "text with a script": (b"Water <script>alert(1)</script> moves.", "Water <script>alert(1)</script> moves."),
    "text with a script that names PDF": (
        b"<script>/*%PDF-1.7*/alert(document.domain)</script>",
        "<script>/*%PDF-1.7*/alert(document.domain)</script>",
    ),
    "text with SQL": (b"'; DROP TABLE items; --", "'; DROP TABLE items; --"),
}


@pytest.mark.parametrize(("content", "text"), HARMLESS.values(), ids=HARMLESS)
def test_of_a_document_that_is_something_else_too_the_text_is_kept(
    processor: DocumentProcessor, content: bytes, text: str
) -> None:
    item = processor.process(content)

    assert item.status is Status.PROCESSING
    assert [passage for *_, passage in processor.passages(item.item_id)] == [text]
