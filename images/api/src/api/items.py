"""What a student can do with their items."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from api.ids import created_at, new_item_id
from api.models import Item, ItemDetails, ItemPage, Links, PageRequest, Status, Upload, UploadForm, UploadRequest
from api.storage import Original, Storage
from student_helper.logs import logger

CONCURRENT_REQUESTS = 8
"""How many files are asked about at a time; botocore keeps 10 connections."""

MAX_EXAMINED = 400
"""How many items one request looks at to find those of a collection, so that its time has a limit."""


class Items:
    """The items of all students; every method acts for one owner, and sees only theirs."""

    def __init__(self, storage: Storage) -> None:
        """Keeps items in a storage."""
        self._storage = storage
        self._pool = ThreadPoolExecutor(CONCURRENT_REQUESTS)

    def request_upload(self, owner: str, request: UploadRequest) -> Upload:
        """Gives leave to upload one file as a new item."""
        item_id = new_item_id()
        metadata = {"filename": request.filename} | ({"collection": request.collection} if request.collection else {})
        url, fields = self._storage.upload_form(owner, item_id, request.content_type, metadata)
        logger.info("Upload requested", extra={"item_id": str(item_id), "content_type": request.content_type})
        return Upload(item_id=item_id, upload=UploadForm(url=url, fields=fields))

    def page(self, owner: str, request: PageRequest) -> ItemPage:
        """Some items, newest first. Those of a page that ends early are followed by others if it has a cursor."""
        if request.status not in (None, Status.PENDING):
            return ItemPage(items=[], next_cursor=None)
        cursor = request.cursor
        ids = [id_ for id_ in reversed(self._storage.item_ids(owner)) if cursor is None or id_ < cursor]
        found: list[Item] = []
        examined = 0
        step = request.limit if request.collection is None else max(request.limit, CONCURRENT_REQUESTS)
        for item in self._items(owner, ids[:MAX_EXAMINED], step):
            examined += 1
            if item and request.collection in (None, item.collection):
                found.append(item)
            if len(found) == request.limit:
                break
        return ItemPage(items=found, next_cursor=ids[examined - 1] if examined < len(ids) else None)

    def details(self, owner: str, item_id: UUID) -> ItemDetails | None:
        """One item; nothing if the owner has no such item."""
        if not self._storage.exists(owner, item_id):
            return None
        item = self._item(owner, item_id)
        if item is None:
            return None
        return ItemDetails.of(item, Links(original=self._storage.download_link(owner, item_id, item.filename)))

    def delete(self, owner: str, item_id: UUID) -> bool:
        """Deletes an item; tells whether the owner had it."""
        deleted = self._storage.delete(owner, item_id)
        if deleted:
            logger.info("Item deleted", extra={"item_id": str(item_id)})
        return deleted

    def _items(self, owner: str, ids: list[UUID], step: int) -> Iterator[Item | None]:
        for start in range(0, len(ids), step):
            yield from self._pool.map(lambda item_id: self._item(owner, item_id), ids[start : start + step])

    def _item(self, owner: str, item_id: UUID) -> Item | None:
        original = self._storage.original(owner, item_id)
        return None if original is None else _item(item_id, original)


def _item(item_id: UUID, original: Original) -> Item:
    return Item(
        item_id=item_id,
        filename=original.filename,
        content_type=original.content_type,
        size_bytes=original.size_bytes,
        collection=original.collection,
        # Nothing processes uploads yet.
        status=Status.PENDING,
        created_at=created_at(item_id),
    )
