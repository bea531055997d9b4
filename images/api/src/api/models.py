"""What goes in and out of the API."""

import unicodedata
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import UUID7, AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError


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


class Status(StrEnum):
    """How far the work on an item has come."""

    PENDING = "pending"
    PROCESSING = "processing"
    READY = "ready"
    REJECTED = "rejected"
    FAILED = "failed"


def _plain(text: str) -> str:
    # One spelling for each text: macOS sends "é" as two characters, others as one.
    text = unicodedata.normalize("NFC", text)
    if any(unicodedata.category(character).startswith("C") for character in text):
        raise PydanticCustomError("control_character", "Should have printable characters only")
    return text


def _file_name(name: str) -> str:
    if "/" in name or "\\" in name:
        raise PydanticCustomError("path", "Should be a file's name without folders")
    # Common file systems' limit. S3 keeps 2 KB of metadata for each object, and percent-encoding triples a byte.
    if len(name.encode()) > 255:
        raise PydanticCustomError("too_long", "Should have at most 255 bytes in UTF-8")
    return name


Trimmed = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
FileName = Annotated[Trimmed, AfterValidator(_plain), AfterValidator(_file_name)]
Collection = Annotated[Trimmed, StringConstraints(max_length=64), AfterValidator(_plain)]


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
                {"unknown": ", ".join(sorted(unknown)), "accepted": ", ".join(cls.model_fields)},
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
    size_bytes: int
    collection: str | None
    status: Status
    created_at: datetime


class Links(BaseModel):
    """Where an item's files can be read, for 15 minutes."""

    original: str


class ItemDetails(Item):
    """An item with everything that is known about it."""

    links: Links

    @classmethod
    def of(cls, item: Item, links: Links) -> Self:
        """Adds details to an item."""
        return cls(**item.model_dump(), links=links)


class ItemPage(BaseModel):
    """Some items, newest first."""

    items: list[Item]
    next_cursor: Annotated[
        UUID | None,
        Field(description="ask for the next page with it; null on the last page. A page may be short before that"),
    ]


class Health(BaseModel):
    """What runs here."""

    status: str
    version: str
    image_digest: str
