"""What the functions tell each other through EventBridge: versioned, validated, and small.

An event names an item and the version of the upload that it is about. Everything else is read where it is kept, so that
a late event carries nothing stale, and no event carries what a student wrote.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from student_helper.errors import DependencyError
from student_helper.keys import Upload, parse_upload_key
from student_helper.logs import logger

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

SOURCE = "student-helper"
"""`source` of the pipeline's own events."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=1024)]


class ItemEvent(BaseModel):
    """One of the pipeline's own events. A change that old consumers cannot read is a new `version`."""

    # A field that is added later is no concern of those who do not know it.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    detail_type: ClassVar[str]

    version: Literal[1] = 1
    item_id: UUID
    object_version: Text
    """S3's version id of the upload."""

    @classmethod
    def parse(cls, event: dict[str, Any]) -> Self:
        """Reads an event as EventBridge delivers it.

        Raises:
            ValueError: it is of another type, or does not have this form.
        """
        if event.get("source") != SOURCE or event.get("detail-type") != cls.detail_type:
            raise ValueError(f"Not a {cls.detail_type} of {SOURCE}")
        return cls.model_validate(event.get("detail"))


class ImageProcessed(ItemEvent):
    """A picture was checked, and its thumbnail and rendition are there."""

    detail_type = "ImageProcessed"


class DocumentProcessed(ItemEvent):
    """A document was split into passages, which are in the database."""

    detail_type = "DocumentProcessed"


class ItemAnalyzed(ItemEvent):
    """An item has its description."""

    detail_type = "ItemAnalyzed"


class _Object(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    key: Text
    version_id: Annotated[Text, Field(alias="version-id")]
    sequencer: Annotated[str, StringConstraints(pattern=r"^[0-9A-Fa-f]{1,64}$")]
    size: Annotated[int, Field(ge=0)]


class _Detail(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    object: _Object


class ObjectUploaded(BaseModel):
    """S3's own event: a student's upload is complete."""

    model_config = ConfigDict(frozen=True)

    key: Text
    upload: Upload
    object_version: Text
    sequencer: Text
    """Orders the versions of one object; comparable as text after it was padded."""
    size_bytes: int

    @property
    def item_id(self) -> UUID:
        """The item whose file this is."""
        return self.upload.item_id

    @classmethod
    def parse(cls, event: dict[str, Any]) -> Self:
        """Reads an event as EventBridge delivers it.

        Raises:
            ValueError: it is not of S3, or its key is not one that the API makes.
        """
        if event.get("source") != "aws.s3" or event.get("detail-type") != "Object Created":
            raise ValueError("Not an Object Created of aws.s3")
        found = _Detail.model_validate(event.get("detail")).object
        upload = parse_upload_key(found.key)
        if upload is None:
            raise ValueError("Not the key of an upload")
        return cls(
            key=found.key,
            upload=upload,
            object_version=found.version_id,
            # https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
            sequencer=found.sequencer.upper().rjust(64, "0"),
            size_bytes=found.size,
        )


class Events:
    """The bus for the pipeline's own events."""

    def __init__(self, client: "EventBridgeClient", bus_name: Callable[[], str]) -> None:
        """Publishes nothing yet.

        Args:
            client: its role must allow `events:PutEvents` on the bus.
            bus_name: gives the bus's name when it is needed.
        """
        self._client = client
        self._bus_name = bus_name

    def publish(self, event: ItemEvent) -> None:
        """Publishes one event.

        Raises:
            DependencyError: EventBridge did not take it.
        """
        try:
            answer = self._client.put_events(
                Entries=[
                    {
                        "EventBusName": self._bus_name(),
                        "Source": SOURCE,
                        "DetailType": event.detail_type,
                        "Detail": event.model_dump_json(),
                    }
                ]
            )
        except (ClientError, BotoCoreError) as error:
            logger.exception("EventBridge did not answer as expected")
            raise DependencyError("events") from error
        if answer["FailedEntryCount"]:
            logger.error("EventBridge took no event", extra={"entries": answer["Entries"]})
            raise DependencyError("events")
