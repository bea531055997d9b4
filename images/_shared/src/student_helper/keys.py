"""Keys of the bucket: uploads, which students make, and results, which the functions make.

The server makes every key; the kind of an upload is part of it, since a rule for S3's events sees nothing but the key.
"""

import re
from typing import Literal, NamedTuple
from uuid import UUID

Kind = Literal["images", "documents"]

_UPLOAD = re.compile(r"uploads/(?P<kind>images|documents)/(?P<owner>[A-Za-z0-9_-]{1,128})/(?P<item_id>[0-9a-f-]{36})")


class Upload(NamedTuple):
    """What the key of an upload says."""

    kind: Kind
    owner: str
    item_id: UUID


def kind_of(content_type: str) -> Kind:
    """Which function a declared content type goes to."""
    return "images" if content_type.startswith("image/") else "documents"


def upload_key(kind: Kind, owner: str, item_id: UUID) -> str:
    """Where a student's file is put."""
    return f"uploads/{kind}/{owner}/{item_id}"


def parse_upload_key(key: str) -> Upload | None:
    """Reads a key back; nothing if it is not one that `upload_key` makes."""
    match = _UPLOAD.fullmatch(key)
    if match is None:
        return None
    kind: Kind = "images" if match["kind"] == "images" else "documents"
    try:
        upload = Upload(kind, match["owner"], UUID(match["item_id"]))
    except ValueError:
        return None
    return upload if upload_key(*upload) == key else None


def results_prefix(owner: str, item_id: UUID) -> str:
    """What the keys of everything that is made of an item begin with."""
    return f"results/{owner}/{item_id}/"


def thumbnail_key(owner: str, item_id: UUID, object_version: str) -> str:
    """The small picture for lists."""
    return f"{results_prefix(owner, item_id)}{object_version}/thumbnail.webp"


def rendition_key(owner: str, item_id: UUID, object_version: str) -> str:
    """The picture in the size that the model is shown."""
    return f"{results_prefix(owner, item_id)}{object_version}/rendition.jpg"
