"""Hostile PDF files."""

import zlib
from collections.abc import Iterable
from functools import cache, partial

from testing_support.document_files import (
    compressed_stream,
    content_stream,
    encrypted,
    pdf,
    pdf_of_objects,
    pdf_of_streams,
    stream,
)
from testing_support.hostile.files import PDF, TOO_LONG, HostileFile
from testing_support.hostile.reasons import DAMAGED, NO_TEXT, TOO_MANY_CHARACTERS, UNSUPPORTED

NO_TEXT_IN_PDF = "This PDF has no text, only pictures of pages. Photograph or export the pages as pictures instead."
PROTECTED = "This PDF is protected by a password. Upload a copy without one."
TOO_MANY_PAGES = "This PDF has more than 2000 pages. Upload it in parts."

CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
SHOWN = b"BT /F1 12 Tf (Text) Tj ET "
BOMB_BYTES = 100_000_000


def hostile_pdfs() -> list[HostileFile]:
    """All hostile PDF files."""
    return [*_filters(), *_pages(), *_objects(), *_contents(), *_locked(), *_damaged()]


def _filters() -> list[HostileFile]:
    flate = b"/FlateDecode"
    chain = partial(_compressed, BOMB_BYTES, 5)
    return [
        HostileFile(
            "pdf with a page that swells",
            PDF,
            DAMAGED,
            lambda: _of_stream(_compressed(BOMB_BYTES), flate),
            takes_seconds=True,
        ),
        HostileFile(
            "pdf with five filters that swell",
            PDF,
            DAMAGED,
            lambda: _of_stream(chain(), *[flate] * 5),
            takes_seconds=True,
        ),
        HostileFile("pdf with 17 filters", PDF, DAMAGED, lambda: _of_stream(_compressed(9, 17), *[flate] * 17)),
        HostileFile("pdf with runs that swell", PDF, DAMAGED, lambda: _of_stream(_runs(), flate, b"/RunLengthDecode")),
        HostileFile("pdf with codes that swell", PDF, DAMAGED, lambda: _of_stream(_lzw(), flate, b"/LZWDecode")),
        HostileFile(
            "pdf with digits that swell",
            PDF,
            DAMAGED,
            lambda: _of_stream(_digits(), flate, b"/ASCIIHexDecode", flate),
            takes_seconds=True,
        ),
        HostileFile("pdf with a predictor without end", PDF, TOO_LONG, _with_predictor),
        HostileFile("pdf with lines of 4 GB", PDF, DAMAGED, partial(_with_predictor, columns=0xFFFF_FFFF)),
    ]


def _pages() -> list[HostileFile]:
    return [
        HostileFile("pdf of 100,000 pages", PDF, TOO_MANY_PAGES, partial(_of_one_page, 90_000), takes_seconds=True),
        HostileFile("pdf whose pages are their own child", PDF, DAMAGED, lambda: _of_tree(b"2 0 R")),
        HostileFile("pdf whose pages go round", PDF, DAMAGED, lambda: _of_tree(b"3 0 R", b"4 0 R", b"2 0 R")),
        HostileFile("pdf whose pages double at each level", PDF, DAMAGED, _of_doubling_pages, takes_seconds=True),
        HostileFile("pdf whose pages are 5,000 levels deep", PDF, DAMAGED, _of_deep_pages),
        HostileFile("pdf of 2,000 pages that share one that swells", PDF, TOO_LONG, _of_shared_content),
        HostileFile("pdf of 2,000 pages that share a long text", PDF, TOO_MANY_CHARACTERS, _of_shared_text),
        HostileFile("pdf that says it has no pages", PDF, NO_TEXT, lambda: _of_tree(b"")),
    ]


def _objects() -> list[HostileFile]:
    return [
        HostileFile(
            "pdf with a stream of objects that swells",
            PDF,
            DAMAGED,
            _with_object_stream_that_swells,
            takes_seconds=True,
        ),
        HostileFile("pdf with a stream of objects without end", PDF, DAMAGED, partial(_with_object_stream, 2**31)),
        HostileFile("pdf with a table of 2**31 references", PDF, DAMAGED, _with_long_table),
        HostileFile("pdf whose tables go round", PDF, DAMAGED, _with_table_loop),
        HostileFile("pdf whose catalog is itself", PDF, DAMAGED, lambda: pdf_of_objects(b"1 0 R")),
        HostileFile("pdf with a stream of 4 GB", PDF, DAMAGED, _with_stream_of_a_false_length),
    ]


def _contents() -> list[HostileFile]:
    return [
        HostileFile("pdf with 100,000 nested lists", PDF, DAMAGED, lambda: _of_content(SHOWN + b"[" * 100_000)),
        HostileFile(
            "pdf with 100,000 nested dictionaries", PDF, DAMAGED, lambda: _of_content(SHOWN + b"<< /A " * 100_000)
        ),
        HostileFile(
            "pdf with millions of operators",
            PDF,
            DAMAGED,
            lambda: _of_content(SHOWN + b"q Q " * 2_000_000),
            takes_seconds=True,
        ),
        HostileFile("pdf with a picture of 10**10 pixels", PDF, NO_TEXT_IN_PDF, _with_picture),
        HostileFile("pdf with forms that draw each other", PDF, NO_TEXT_IN_PDF, _with_forms, takes_seconds=True),
        HostileFile("pdf with a font of all characters", PDF, DAMAGED, _with_font),
    ]


def _locked() -> list[HostileFile]:
    secret = partial(pdf, "Secret.")
    algorithms = ("RC4-40", "RC4-128", "AES-128", "AES-256-R5", "AES-256")
    return [
        *(
            HostileFile(
                f"pdf locked by {algorithm}",
                PDF,
                PROTECTED,
                partial(lambda name: encrypted(secret(), "?", name), algorithm),
            )
            for algorithm in algorithms
        ),
        HostileFile("pdf locked by what nobody knows", PDF, DAMAGED, _locked_by_another),
    ]


def _damaged() -> list[HostileFile]:
    return [
        HostileFile("truncated pdf", PDF, DAMAGED, lambda: pdf("Water moves.")[:200]),
        HostileFile("empty pdf", PDF, NO_TEXT, bytes),
        HostileFile("beginning of a pdf", PDF, DAMAGED, lambda: b"%PDF-1.7"),
        HostileFile(
            "pdf and script",
            PDF,
            DAMAGED,
            lambda: b"<script>/*%PDF-1.7*/alert(document.domain)/*startxref\n0\n%%EOF*/</script>",
        ),
        HostileFile("html called pdf", PDF, UNSUPPORTED, lambda: b"<!DOCTYPE html><script>alert(1)</script>"),
        HostileFile("png called pdf", PDF, UNSUPPORTED, lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        HostileFile("program for Linux called pdf", PDF, UNSUPPORTED, lambda: b"\x7fELF\x02\x01\x01" + bytes(2_000)),
        HostileFile("postscript called pdf", PDF, UNSUPPORTED, lambda: b"%!PS\0(%pipe%id) (w) file\n"),
    ]


@cache
def _compressed(size: int, times: int = 1) -> bytes:
    content = b" " * size
    for _ in range(times):
        content = zlib.compress(content, 9)
    return content


def _runs() -> bytes:
    return zlib.compress(b"\x81 " * (BOMB_BYTES // 128) + b"\x80", 9)


def _lzw() -> bytes:
    # Each code of 9 bits clears the table or stands for one blank: what swells is what was compressed around it.
    return zlib.compress(bytes.fromhex("80100803") * 40_000_000, 9)


def _digits() -> bytes:
    return zlib.compress(_compressed(BOMB_BYTES).hex().encode() + b">", 9)


def _of_stream(content: bytes, *filters: bytes) -> bytes:
    return _of_page(stream(content, b"/Filter [" + b" ".join(filters) + b"]"))


def _of_content(content: bytes) -> bytes:
    return pdf_of_streams(zlib.compress(content, 9))


def _of_page(content: bytes, *more: bytes, fonts: bytes = b"/F1 5 0 R", drawn: bytes = b"") -> bytes:
    """A PDF of one page: its content is object 4, and others follow from 6."""
    resources = b"/Resources << /Font << " + fonts + b" >> /XObject << " + drawn + b" >> >>"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R " + resources + b" >>"
    return pdf_of_objects(CATALOG, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page, content, FONT, *more)


def _with_predictor(columns: int = 100) -> bytes:
    lines = zlib.compress((b"\x04" + bytes(100)) * 700_000, 9)
    parameters = f"/Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns {columns} >>".encode()
    return _of_page(stream(lines, parameters))


def _of_tree(*kids: bytes) -> bytes:
    nodes = [b"<< /Type /Pages /Kids [" + kid + b"] /Count 1 >>" for kid in kids]
    return pdf_of_objects(CATALOG, *nodes)


def _of_one_page(times: int, content: bytes = b"BT ET") -> bytes:
    kids = b"3 0 R " * times
    pages = b"<< /Type /Pages /Kids [" + kids + b"] /Count 1 >>"
    page = b"<< /Type /Page /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
    return pdf_of_objects(CATALOG, pages, page, compressed_stream(content), FONT)


def _of_doubling_pages() -> bytes:
    levels = [f"<< /Type /Pages /Kids [{number + 1} 0 R {number + 1} 0 R] >>".encode() for number in range(2, 42)]
    return pdf_of_objects(CATALOG, *levels, b"<< /Type /Page >>")


def _of_deep_pages() -> bytes:
    levels = [f"<< /Type /Pages /Kids [{number + 1} 0 R] >>".encode() for number in range(2, 5_002)]
    return pdf_of_objects(CATALOG, *levels, b"<< /Type /Page >>")


def _of_shared_content() -> bytes:
    return _of_one_page(2_000, b" " * 70_000_000)


def _of_shared_text() -> bytes:
    return _of_one_page(2_000, content_stream("word " * 10_000))


def _with_object_stream_that_swells() -> bytes:
    return _with_object_stream(2, b" " * BOMB_BYTES)


def _with_object_stream(count: int, padding: bytes = b"") -> bytes:
    """A PDF whose catalog is in a stream of objects, and so are its pages."""
    head = b"1 0 2 34 "
    body = head + CATALOG + b" " + b"<< /Type /Pages /Kids [] /Count 0 >>" + padding
    return _with_cross_reference_stream(
        compressed_stream(body, f"/Type /ObjStm /N {count} /First {len(head)}".encode()), b"[0 4]", b""
    )


def _with_long_table() -> bytes:
    return _with_cross_reference_stream(compressed_stream(b""), b"[0 2147483647]", bytes(50_000_000))


def _with_cross_reference_stream(object_stream: bytes, index: bytes, padding: bytes) -> bytes:
    header = b"%PDF-1.7\n"
    objects = b"3 0 obj\n" + object_stream + b"\nendobj\n"
    entries = b"".join(
        kind.to_bytes(1, "big") + position.to_bytes(4, "big") + last.to_bytes(1, "big")
        for kind, position, last in ((0, 0, 0), (2, 3, 0), (2, 3, 1), (1, len(header), 0))
    )
    table = compressed_stream(entries + padding, b"/Type /XRef /Size 4 /W [1 4 1] /Root 1 0 R /Index " + index)
    start = len(header) + len(objects)
    return header + objects + b"4 0 obj\n" + table + f"\nendobj\nstartxref\n{start}\n%%EOF\n".encode()


def _with_table_loop() -> bytes:
    header = b"%PDF-1.7\n"
    trailer = f"xref\n0 0\ntrailer\n<< /Size 1 /Root 1 0 R /Prev {len(header)} >>\n".encode()
    return header + trailer + f"startxref\n{len(header)}\n%%EOF\n".encode()


def _with_stream_of_a_false_length() -> bytes:
    return _of_page(b"<< /Length 4294967295 >>\nstream\nBT ET\nendstream")


def _with_picture() -> bytes:
    picture = b"/Type /XObject /Subtype /Image /Width 100000 /Height 100000 /BitsPerComponent 8 /ColorSpace /DeviceRGB"
    return _of_page(stream(b"/X Do"), compressed_stream(b" " * BOMB_BYTES, picture), drawn=b"/X 6 0 R")


def _with_forms() -> bytes:
    def form(others: Iterable[int]) -> bytes:
        names = b" ".join(f"/X{number} {number} 0 R".encode() for number in others)
        resources = b"/Resources << /Font << /F1 5 0 R >> /XObject << " + names + b" >> >>"
        calls = b" ".join(f"/X{number} Do".encode() for number in others)
        return stream(calls, b"/Type /XObject /Subtype /Form " + resources)

    numbers = range(6, 16)
    return _of_page(stream(b"/X6 Do"), *(form(numbers) for _ in numbers), drawn=b"/X6 6 0 R")


def _with_font() -> bytes:
    mapping = b"1 beginbfrange\n<0000> <FFFF> <0041>\nendbfrange\n"
    font = b"<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H /ToUnicode 7 0 R >>"
    text = stream(b"BT /F2 12 Tf <0001> Tj ET")
    return _of_page(text, font, compressed_stream(mapping * 10_000), fonts=b"/F2 6 0 R")


def _locked_by_another() -> bytes:
    content = encrypted(pdf("Secret."), "?")
    return content.replace(b"/Filter /Standard", b"/Filter /Unheard0")
