"""Embedding an item's passages."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

import sqlalchemy as sa

from embedder.model import Model, Vector
from student_helper import metrics
from student_helper.database import Status, patiently
from student_helper.deadline import Deadline
from student_helper.events import ItemAnalyzed
from student_helper.items import Items

BATCH_TEXTS = 128
BATCH_CHARACTERS = 100_000
"""How much one request asks for. Voyage takes 1,000 texts and 320,000 tokens of voyage-3.5
(https://docs.voyageai.com/docs/embeddings), and a character is at most some three tokens in any script. A batch is also
what is paid for twice when the function ends between the answer and its storage, so it is well below these limits."""

# The column `embedding` is not part of the ORM.
_MISSING = sa.text(
    "SELECT number, text FROM passages WHERE item_id = :item_id AND embedding IS NULL ORDER BY number LIMIT :limit"
)
_STORE = sa.text(
    "UPDATE passages SET embedding = CAST(:vector AS vector) WHERE item_id = :item_id AND number = :number"
)


class Embedder:
    """Gives passages their vectors."""

    def __init__(self, items: Items, model: Model) -> None:
        """Does nothing yet."""
        self._items = items
        self._model = model

    def embed(self, event: ItemAnalyzed, deadline: Deadline) -> None:
        """Embeds those passages of an item that have no vector, after which the item is ready.

        Each batch is stored before the next one is asked for: an attempt that is interrupted leaves less for the next.
        """
        item = self._items.resume(event.item_id, event.object_version)
        while batch := self._next_batch(event):
            vectors = self._model.embed(list(batch.values()), deadline)
            patiently(partial(self._store, event, list(batch), vectors), deadline)
        if item.status is not Status.READY:  # as it was found
            metrics.item_ready((datetime.now(UTC) - item.created_at).total_seconds())

    def _next_batch(self, event: ItemAnalyzed) -> dict[int, str]:
        """Texts without a vector by their numbers; when there are none, the item is ready."""
        batch: dict[int, str] = {}
        characters = 0
        with self._items.current(event.item_id, event.object_version) as (session, item):
            for number, text in session.execute(_MISSING, {"item_id": event.item_id, "limit": BATCH_TEXTS}):
                characters += len(text)
                if batch and characters > BATCH_CHARACTERS:
                    break
                batch[number] = text
            if not batch:
                item.status = Status.READY
                item.reason = None
        return batch

    def _store(self, event: ItemAnalyzed, numbers: list[int], vectors: Sequence[Vector]) -> None:
        rows = [
            {"item_id": event.item_id, "number": number, "vector": json.dumps(vector)}
            for number, vector in zip(numbers, vectors, strict=True)
        ]
        with self._items.current(event.item_id, event.object_version) as (session, _):
            session.execute(_STORE, rows)
