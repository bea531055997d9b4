"""Processing an uploaded picture."""

from functools import partial

from image_processor.pictures import make_pictures
from student_helper.deadline import Deadline
from student_helper.errors import DependencyError, ItemGoneError, RejectedError
from student_helper.events import Events, ImageProcessed, ObjectUploaded
from student_helper.files import Files
from student_helper.isolation import isolated
from student_helper.items import Items
from student_helper.keys import rendition_key, thumbnail_key

STORING_SECONDS = 4.0
"""Kept of the time for storing the results and publishing the event."""

LONGEST_READING_SECONDS = 6.0
"""The largest picture is read in a second or two; one that is made to be slow ends here."""

SHORTEST_READING_SECONDS = 5.0
"""No picture is rejected for its slowness sooner than this."""


class ImageProcessor:
    """Makes the thumbnail and the rendition of a picture."""

    def __init__(self, items: Items, files: Files, events: Events, *, max_upload_bytes: int, megabytes: int) -> None:
        """Does nothing yet.

        Args:
            items: the items.
            files: reads uploads, writes and deletes results.
            events: where to say that a picture is done.
            max_upload_bytes: the largest upload that is read.
            megabytes: the memory that reading a picture may take.
        """
        self._items = items
        self._files = files
        self._events = events
        self._max_upload_bytes = max_upload_bytes
        self._megabytes = megabytes

    def process(self, uploaded: ObjectUploaded, deadline: Deadline) -> None:
        """Checks an upload, stores what is made of it, and says that it is done.

        Raises:
            RejectedError: the picture cannot be used.
            ItemGoneError: it was deleted, or has a later version.
            DependencyError: something did not answer, or too late.
        """
        item = self._items.begin(uploaded)
        if uploaded.size_bytes > self._max_upload_bytes:
            raise RejectedError(f"This file is too large. At most {self._max_upload_bytes >> 20} MB are accepted.")
        content = self._files.read(uploaded.key, uploaded.object_version)
        seconds = min(deadline.seconds_left() - STORING_SECONDS, LONGEST_READING_SECONDS)
        if seconds < SHORTEST_READING_SECONDS:
            # That is the fault of whatever was slow until here, and not of the picture: the queue tries again.
            raise DependencyError("storage")
        pictures = isolated(partial(make_pictures, content), seconds=seconds, megabytes=self._megabytes)
        thumbnail = thumbnail_key(item.owner, item.item_id, uploaded.object_version)
        rendition = rendition_key(item.owner, item.item_id, uploaded.object_version)
        self._files.write(thumbnail, pictures.thumbnail, "image/webp")
        self._files.write(rendition, pictures.rendition, "image/jpeg")
        try:
            # An item is deleted before its files are: one that is still here finds these when it goes.
            self._items.resume(item.item_id, uploaded.object_version)
        except ItemGoneError:
            self._files.delete([thumbnail, rendition])
            raise
        self._events.publish(ImageProcessed(item_id=item.item_id, object_version=uploaded.object_version))
