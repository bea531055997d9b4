"""What goes in and out of the API."""

import unicodedata
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import UUID7, AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from api.echo import listed
from student_helper.database import Status


class ContentType(StrEnum):
    """The kinds of file that the system reads."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    GIF = "image/gif"
    TIFF = "image/tiff"
    PDF = "application/pdf"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    TEXT = "text/plain"
    MARKDOWN = "text/markdown"


MAX_FILE_NAME_BYTES = 255
"""Common file systems' limit. S3 keeps 2 KB of metadata for each object, and percent-encoding triples a byte."""


MAX_COLLECTION_CHARACTERS = 64

LONGEST_DECOMPOSITION = 4
"""NFC makes one character of at most so many."""


def _plain(most: int, unit: str, length: Callable[[str], int]) -> AfterValidator:
    too_long = PydanticCustomError("too_long", f"Should have at most {most} {unit}")

    def plain(text: str) -> str:
        # Before it is composed: that takes some releases of Python a time that grows with the square of the marks on a
        # letter.
        if len(text) > LONGEST_DECOMPOSITION * most:
            raise too_long
        # One spelling for each text: macOS sends "é" as two characters, others as one.
        text = unicodedata.normalize("NFC", text)
        # Controls, formats, halves of surrogate pairs and the like, and separators of lines and paragraphs.
        if any(unicodedata.category(character).startswith(("C", "Zl", "Zp")) for character in text):
            raise PydanticCustomError("control_character", "Should have printable characters only")
        # What is kept is measured, not what was sent: some texts are longer when they are composed.
        if length(text) > most:
            raise too_long
        return text

    return AfterValidator(plain)


def _without_folders(name: str) -> str:
    if "/" in name or "\\" in name:
        raise PydanticCustomError("path", "Should be a file's name without folders")
    return name


Trimmed = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
FileName = Annotated[
    Trimmed,
    _plain(MAX_FILE_NAME_BYTES, "bytes in UTF-8", lambda name: len(name.encode())),
    AfterValidator(_without_folders),
]
Collection = Annotated[
    Trimmed,
    _plain(MAX_COLLECTION_CHARACTERS, "characters", len),
    Field(
        description=f"at most {MAX_COLLECTION_CHARACTERS} characters, counted in Unicode's form NFC, which is kept",
        json_schema_extra={"maxLength": LONGEST_DECOMPOSITION * MAX_COLLECTION_CHARACTERS},
    ),
]
Question = Annotated[Trimmed, StringConstraints(max_length=1000)]


class _Input(BaseModel):
    """What a client sends: a misspelt name is refused, not ignored."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _known_names(cls, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := data.keys() - cls.model_fields.keys()):
            raise PydanticCustomError(
                "unknown_name",
                "Unknown: {unknown}. Accepted: {accepted}",
                {"unknown": listed(unknown), "accepted": ", ".join(cls.model_fields)},
            )
        return data


class UploadRequest(_Input):
    """A file that a student wants to upload."""

    filename: FileName
    content_type: ContentType
    collection: Collection | None = None


class PageRequest(_Input):
    """Which of their items a student wants to see."""

    collection: Collection | None = None
    status: Status | None = None
    cursor: Annotated[UUID7 | None, Field(description="`next_cursor` of the page before")] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class SearchRequest(_Input):
    """What a student looks for among their items."""

    q: Annotated[Question, Field(description="in one's own words; what is found means the same, and need not use them")]
    collection: Collection | None = None
    limit: Annotated[int, Field(ge=1, le=50)] = 10


class UploadForm(BaseModel):
    """A form for a browser or `curl -F`: POST the fields, then the file in a field named `file`."""

    url: str
    fields: dict[str, str]


class Upload(BaseModel):
    """Leave to upload one file, for 15 minutes."""

    item_id: UUID
    upload: UploadForm


class Item(BaseModel):
    """One upload of a student and what became of it."""

    item_id: UUID
    filename: str
    content_type: str
    size_bytes: Annotated[int | None, Field(description="null until the file has come")]
    collection: str | None
    status: Status
    created_at: datetime


class Links(BaseModel):
    """Where an item's files can be read, for 15 minutes; null for a file that is not there."""

    original: str | None
    thumbnail: Annotated[str | None, Field(description="a picture's, once it was described or has come to nothing")]


class ItemDetails(Item):
    """An item with everything that is known about it; what is not known yet, or never will be, is null."""

    reason: Annotated[str | None, Field(description="why it was rejected or has failed")]
    title: str | None
    description: str | None
    tags: list[str]
    text: Annotated[str | None, Field(description="the text in a picture")]
    pages: Annotated[int | None, Field(description="how many a document has")]
    links: Links


class ItemPage(BaseModel):
    """Some items, newest first."""

    items: list[Item]
    next_cursor: Annotated[UUID | None, Field(description="ask for the next page with it; null on the last page")]


class SearchResult(BaseModel):
    """A passage of a document, or a picture's description."""

    item_id: UUID
    score: Annotated[float, Field(ge=0, le=1, description="how near its meaning is; 1 is the same")]
    snippet: str
    page: Annotated[int | None, Field(description="where in the document; null where there are no pages")]


class SearchResults(BaseModel):
    """What was found, best first."""

    results: list[SearchResult]


class Health(BaseModel):
    """What runs here."""

    status: str
    version: str
    image_digest: str
