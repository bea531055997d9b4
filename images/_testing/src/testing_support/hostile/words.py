"""Hostile DOCX files."""

import itertools
import random
import struct
from collections.abc import Callable
from functools import partial
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipFile

from testing_support.document_files import WORD, archive, compound_file, word, word_of_xml, word_with
from testing_support.hostile.files import DOCX, HostileFile
from testing_support.hostile.reasons import DAMAGED, NO_TEXT, UNSUPPORTED

OLD_WORD = "This is a document of an old version of Word. Save it as DOCX or PDF, and upload that."
PROTECTED = "This document is protected by a password. Upload a copy without one."
TOO_LARGE_UNPACKED = "This document is too large when it is unpacked. Save it as PDF, and upload that."

BODY = "word/document.xml"


def hostile_words() -> list[HostileFile]:
    """All hostile DOCX files."""
    return [*_bombs(), *_entities(), *_structures(), *_mistaken()]


def _bombs() -> list[HostileFile]:
    return [
        _docx("docx that swells", TOO_LARGE_UNPACKED, lambda: word_of_xml(" " * 50_000_000)),
        _docx("docx of archives in archives", DAMAGED, _of_nested_archives),
        _docx("docx whose entries overlap", TOO_LARGE_UNPACKED, _of_overlapping_entries),
        HostileFile("docx of 60,000 entries", DOCX, NO_TEXT, _of_many_entries, takes_seconds=True),
        HostileFile("docx of millions of elements", DOCX, DAMAGED, _of_many_elements, takes_seconds=True),
        _docx("docx with an entry that is larger than it says", DAMAGED, _with_a_false_size),
        _docx("docx packed by bzip2 to swell", UNSUPPORTED, partial(_packed_by, ZIP_BZIP2)),
        _docx("docx packed by lzma to swell", UNSUPPORTED, partial(_packed_by, ZIP_LZMA)),
        _docx("docx packed by lzma with a dictionary of 4 GB", UNSUPPORTED, _with_a_large_dictionary),
    ]


def _entities() -> list[HostileFile]:
    system = '<!DOCTYPE w:document [<!ENTITY e SYSTEM "{}">]>'
    external = {
        "a file": "file:///etc/passwd",
        "a process": "file:///proc/self/environ",
        "a device without end": "file:///dev/zero",
        "an address inside": "http://169.254.169.254/latest/meta-data/",
    }
    parameter = '<!DOCTYPE w:document [<!ENTITY % e SYSTEM "http://127.0.0.1:1/e.dtd"> %e;]>'
    return [
        _docx("docx with a billion laughs", DAMAGED, _with_laughs),
        _docx("docx with a billion laughs in its styles", DAMAGED, partial(_with_laughs, "word/styles.xml")),
        _docx("docx with a billion laughs in its types", DAMAGED, partial(_with_laughs, "[Content_Types].xml")),
        _docx("docx with one long laugh", DAMAGED, _with_one_long_laugh),
        *(
            _docx(f"docx with an entity of {name}", NO_TEXT, partial(word_of_xml, _text("&e;"), system.format(address)))
            for name, address in external.items()
        ),
        _docx("docx with rules from elsewhere", NO_TEXT, partial(word_of_xml, _text(""), parameter)),
    ]


def _structures() -> list[HostileFile]:
    loop = "<w:p/>"
    return [
        _docx("docx of 100,000 nested elements", DAMAGED, partial(word_of_xml, "<w:sdt>" * 100_000)),
        _docx(
            "docx of 250 levels of tables",
            NO_TEXT,
            lambda: word_of_xml("<w:tbl><w:tr><w:tc>" * 80 + "</w:tc></w:tr></w:tbl>" * 80),
        ),
        _docx("docx without a body", NO_TEXT, lambda: word_with(BODY, f'<w:document xmlns:w="{WORD}"/>'.encode())),
        _docx("docx that is no XML", DAMAGED, lambda: word_with(BODY, b"\0\xff not XML")),
        _docx(
            "docx of XML in UTF-7", DAMAGED, lambda: word_with(BODY, b'<?xml version="1.0" encoding="UTF-7"?>+ADw-a/>')
        ),
        _docx("docx that is its own part", DAMAGED, _that_is_its_own_part),
        _docx("docx with a part outside", DAMAGED, _with_a_part_outside),
        _docx("docx locked by a zip password", DAMAGED, _locked_as_archive),
        _docx(
            "docx with an attribute of a megabyte",
            NO_TEXT,
            lambda: word_of_xml(f'<w:p w:a="{"x" * 1_000_000}"/>' + loop * 9),
        ),
    ]


def _mistaken() -> list[HostileFile]:
    return [
        _docx("docx locked by a password", PROTECTED, partial(compound_file, "EncryptedPackage")),
        _docx("old word called docx", OLD_WORD, partial(compound_file, "WordDocument")),
        _docx("old excel called docx", UNSUPPORTED, partial(compound_file, "Workbook")),
        _docx("excel called docx", UNSUPPORTED, partial(archive, **{"xl/workbook.xml": b"<workbook/>"})),
        _docx("java called docx", UNSUPPORTED, partial(archive, **{"META-INF/MANIFEST.MF": b"Main-Class: A"})),
        _docx(
            "archive with names that lead out", UNSUPPORTED, partial(archive, **{"../../etc/cron.d/a": b"* * * * *"})
        ),
        _docx("program for Windows and archive", UNSUPPORTED, lambda: b"MZ" + bytes(100) + archive(a=b"a")),
        _docx("truncated docx", DAMAGED, lambda: word(lambda document: document.add_paragraph("Water"))[:3000]),
        _docx("empty docx", NO_TEXT, bytes),
        _docx("beginning of a docx", DAMAGED, partial(bytes, b"PK\x03\x04")),
        _docx("png called docx", UNSUPPORTED, partial(bytes, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")),
    ]


def _docx(name: str, reason: str, make: Callable[[], bytes]) -> HostileFile:
    return HostileFile(name, DOCX, reason, make)


def _text(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def _noise(size: int) -> bytes:
    """Bytes that nothing packs: they make an archive large enough for what swells beside them."""
    return random.Random(size).randbytes(size)  # noqa: S311 - the same each time


def _of_nested_archives() -> bytes:
    content = archive(a=bytes(10_000_000))
    for _ in range(5):
        content = archive(**{f"word/{number}.zip": content for number in range(10)})
    return content


def _of_overlapping_entries() -> bytes:
    """An archive in whose directory all entries are the same one: https://www.bamsoftware.com/hacks/zipbomb/."""
    packed = archive(**{BODY: bytes(1_000_000)})
    directory = packed.rindex(b"PK\x01\x02")
    end = packed.rindex(b"PK\x05\x06")
    entries = packed[directory:end] * 1_000
    return (
        packed[:directory]
        + entries
        + b"PK\x05\x06"
        + struct.pack("<HHHHIIH", 0, 0, 1_000, 1_000, len(entries), directory, 0)
    )


def _of_many_entries() -> bytes:
    file = BytesIO(word(lambda _: None))
    with ZipFile(file, "a", ZIP_STORED) as extended:
        for number in range(60_000):
            extended.writestr(f"word/{number}", b"")
    return file.getvalue()


def _of_many_elements() -> bytes:
    return word_with("word/media/noise.png", _noise(1_000_000), word_of_xml("<w:p/>" * 12_000_000))


def _with_a_false_size() -> bytes:
    packed = bytearray(word_of_xml(_text("x" * 100_000)))
    size = struct.pack("<I", ZipFile(BytesIO(packed)).getinfo(BODY).file_size)
    return bytes(packed.replace(size, struct.pack("<I", 100)))


def _packed_by(method: int) -> bytes:
    file = BytesIO()
    with ZipFile(BytesIO(word(lambda _: None))) as old, ZipFile(file, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            bomb = name == BODY
            new.writestr(name, bytes(30_000_000) if bomb else old.read(name), method if bomb else None)
    packed = file.getvalue()
    return packed.replace(struct.pack("<I", 30_000_000), struct.pack("<I", 1_000))


def _with_a_large_dictionary() -> bytes:
    packed = _packed_by(ZIP_LZMA)
    properties = packed.index(b"\x09\x04\x05\x00") + 4
    return packed[: properties + 1] + b"\xff\xff\xff\xff" + packed[properties + 5 :]


def _laughs() -> str:
    names = [f"e{number}" for number in range(12)]
    entities = "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in itertools.pairwise(names))
    return f'<!DOCTYPE a [<!ENTITY e0 "laugh">{entities}]>'


def _with_laughs(part: str = BODY) -> bytes:
    return word_with(part, f'<?xml version="1.0"?>{_laughs()}<a>&e11;</a>'.encode())


def _with_one_long_laugh() -> bytes:
    declaration = f'<!DOCTYPE w:document [<!ENTITY e "{"ha" * 50_000}">]>'
    return word_of_xml(_text("&e;" * 50_000), declaration)


def _that_is_its_own_part() -> bytes:
    relationship = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    xml = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{relationship}/officeDocument" Target="_rels/.rels"/></Relationships>'
    )
    return word_with("_rels/.rels", xml.encode())


def _with_a_part_outside() -> bytes:
    relationship = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    xml = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{relationship}/officeDocument" Target="../../../etc/passwd"/></Relationships>'
    )
    return word_with("_rels/.rels", xml.encode())


def _locked_as_archive() -> bytes:
    packed = bytearray(word(lambda document: document.add_paragraph("Secret.")))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = packed.find(signature)
        while start >= 0:
            packed[start + flags] |= 1
            start = packed.find(signature, start + 4)
    return bytes(packed)
