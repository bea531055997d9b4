"""What holds for whatever somebody calls a document."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from document_processor.documents import MAX_CHARACTERS, read_document
from document_processor.passages import MAX_CHARACTERS as LONGEST
from document_processor.passages import MIN_CHARACTERS as SHORTEST
from document_processor.passages import passages_of, split
from document_processor.plain import decode, normalise
from student_helper.errors import RejectedError
from testing_support.document_files import archive, encrypted, pdf, word

FILES = {
    "PDF": pdf("Water moves.", "Cells divide."),
    "locked PDF": encrypted(pdf("Secret."), "?"),
    "DOCX": word(lambda document: document.add_paragraph("Water moves.")),
    "archive": archive(**{"word/document.xml": b"<w:document/>"}),
}
MAGIC = [
    b"%PDF-1.7\n",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"\xff\xfe",
    b"\xfe\xff",
    b"{\\rtf",
]
TEXTS = st.text(st.characters(codec="utf-8"))
WRITTEN = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff"), min_size=1
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A document of which some bytes are others, some are gone, and some are new."""
    content = bytearray(FILES[draw(st.sampled_from(sorted(FILES)))])
    for _ in range(draw(st.integers(1, 8))):
        start = draw(st.integers(0, len(content)))
        content[start : start + draw(st.integers(0, 8))] = draw(st.binary(max_size=8))
    return bytes(content)


@settings(max_examples=400)
@given(content=st.binary() | st.builds(bytes.__add__, st.sampled_from(MAGIC), st.binary()) | damaged())
def test_anything_becomes_passages_of_bounded_size_or_is_rejected(content: bytes) -> None:
    try:
        passages, page_count = passages_of(read_document(content))
    except RejectedError:
        return

    assert passages
    assert sum(len(passage.text) for passage in passages) <= MAX_CHARACTERS
    assert all(0 < len(passage.text) <= LONGEST and "\0" not in passage.text for passage in passages)
    assert all((passage.page is None) == (page_count is None) for passage in passages)
    assert page_count is None or all(1 <= (passage.page or 0) <= page_count for passage in passages)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@given(text=TEXTS)
def test_a_text_with_a_byte_order_mark_is_read_as_it_was_written(encoding: str, text: str) -> None:
    try:
        read = decode(text.encode(encoding))
    except RejectedError:
        assert text.lstrip()[:20].lower().startswith(("{\\rtf", "<!doctype html", "<html"))
        return

    assert read == text


@given(text=WRITTEN)
def test_a_text_in_utf_8_is_read_as_it_was_written(text: str) -> None:
    assert decode(f"Notes: {text}".encode()) == f"Notes: {text}"


@given(text=st.text())
def test_a_text_has_one_spelling(text: str) -> None:
    normalised = normalise(text)

    assert normalise(normalised) == normalised
    assert unicodedata.is_normalized("NFC", normalised)
    assert normalised == normalised.strip()
    assert not any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in normalised if letter != "\n")
    normalised.encode()


@settings(max_examples=200)
@given(
    text=st.lists(
        st.sampled_from(["word", "Satz.", "\n", "\n\n", "# ", "。", "e\u0301", "👩\u200d🔬", " "])
        | st.text(max_size=40)
    )
    .flatmap(lambda parts: st.integers(1, 200).map(lambda times: "".join(parts) * times))
    .map(normalise)
)
def test_passages_hold_everything_and_none_is_too_long(text: str) -> None:
    passages = split(text)

    assert "".join("".join(passages).split()) == "".join(text.split())
    assert all(len(passage) <= LONGEST for passage in passages)
    # What is cut off before blanks is shorter by them.
    assert all(len(passage) >= SHORTEST - 1 for passage in passages[:-1])
