"""Describing an item."""

import sqlalchemy as sa

from analyzer.description import Description
from analyzer.model import Model
from student_helper.database import patiently
from student_helper.deadline import Deadline
from student_helper.events import DocumentProcessed, Events, ImageProcessed, ItemAnalyzed
from student_helper.files import Files
from student_helper.items import Items
from student_helper.keys import rendition_key

DOCUMENT_CHARACTERS = 24_000
"""How much of a document the model reads: its beginning tells what it is about, and each character is paid for."""

PASSAGE_CHARACTERS = 8_000
"""How much of a description becomes a passage: a page of writing, and less than the 32,000 tokens of one text that
Voyage's models read, in any script."""

_BEGINNING = sa.text(
    "SELECT left(string_agg(text, E'\\n\\n' ORDER BY number), :characters)"
    " FROM passages WHERE item_id = :item_id AND number > 0"
)

# The column `embedding` is not part of the ORM: an embedding of another text goes.
_STORE_PASSAGE = sa.text(
    "INSERT INTO passages (item_id, number, text) VALUES (:item_id, 0, :text)"
    " ON CONFLICT (item_id, number) DO UPDATE SET text = excluded.text, embedding = NULL"
)


class Analyzer:
    """Gives items their descriptions."""

    def __init__(self, items: Items, files: Files, model: Model, events: Events) -> None:
        """Does nothing yet."""
        self._items = items
        self._files = files
        self._model = model
        self._events = events

    def analyze(self, event: ImageProcessed | DocumentProcessed, deadline: Deadline) -> None:
        """Describes an item, unless that was done, and says that it is done."""
        item = self._items.resume(event.item_id, event.object_version)
        if item.title is None:
            description = self._describe(event, item.owner, deadline)
            patiently(lambda: self._store(event, description), deadline)
        # The description is stored: whatever happens from here on, nobody pays for it again.
        self._events.publish(ItemAnalyzed(item_id=event.item_id, object_version=event.object_version))

    def _describe(self, event: ImageProcessed | DocumentProcessed, owner: str, deadline: Deadline) -> Description:
        if isinstance(event, ImageProcessed):
            jpeg = self._files.read(rendition_key(owner, event.item_id, event.object_version))
            return self._model.describe_picture(jpeg, deadline)
        return self._model.describe_document(self._beginning(event), deadline)

    def _beginning(self, event: DocumentProcessed) -> str:
        with self._items.current(event.item_id, event.object_version) as (session, _):
            parameters = {"item_id": event.item_id, "characters": DOCUMENT_CHARACTERS}
            beginning: str = session.scalars(_BEGINNING, parameters).one()
        return beginning

    def _store(self, event: ImageProcessed | DocumentProcessed, description: Description) -> None:
        with self._items.current(event.item_id, event.object_version) as (session, item):
            item.title = description.title
            item.description = description.description
            item.tags = description.tags
            item.text = description.text or None
            session.execute(_STORE_PASSAGE, {"item_id": item.item_id, "text": _passage(description)})


def _passage(description: Description) -> str:
    parts = (description.title, description.description, ", ".join(description.tags), description.text)
    return "\n".join(part for part in parts if part)[:PASSAGE_CHARACTERS]
