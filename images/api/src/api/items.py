"""What a student can do with their items."""

from typing import get_args
from uuid import UUID

import sqlalchemy as sa

from api import models
from api.ids import new_item_id
from api.sessions import transaction
from api.storage import Storage
from student_helper import keys
from student_helper.checkpoints import Checkpoints
from student_helper.database import Item, Status
from student_helper.files import Files
from student_helper.logs import logger


class Items:
    """The items of all students; every method acts for one owner, and sees only theirs."""

    def __init__(self, engine: sa.Engine, storage: Storage, files: Files, checkpoints: Checkpoints) -> None:
        """Asks nothing yet."""
        self._engine = engine
        self._storage = storage
        self._files = files
        self._checkpoints = checkpoints

    def request_upload(self, owner: str, request: models.UploadRequest) -> models.Upload:
        """Gives leave to upload one file as a new item, which waits for it from now on."""
        item_id = new_item_id()
        key = keys.upload_key(keys.kind_of(request.content_type), owner, item_id)
        with transaction(self._engine) as session:
            session.add(
                Item(
                    item_id=item_id,
                    owner=owner,
                    filename=request.filename,
                    content_type=request.content_type.value,
                    collection=request.collection,
                    object_key=key,
                    correlation_id=logger.get_correlation_id(),
                )
            )
        url, fields = self._storage.upload_form(key, request.content_type)
        logger.info("Upload requested", extra={"item_id": str(item_id), "content_type": request.content_type})
        return models.Upload(item_id=item_id, upload=models.UploadForm(url=url, fields=fields))

    def page(self, owner: str, request: models.PageRequest) -> models.ItemPage:
        """Some items, newest first."""
        query = sa.select(*(getattr(Item, name) for name in models.Item.model_fields)).where(Item.owner == owner)
        if request.collection is not None:
            query = query.where(Item.collection == request.collection)
        if request.status is not None:
            query = query.where(Item.status == request.status)
        if request.cursor is not None:
            query = query.where(Item.item_id < request.cursor)
        with transaction(self._engine) as session:
            # One more than is asked for shows whether this is the last page.
            rows = session.execute(query.order_by(Item.item_id.desc()).limit(request.limit + 1)).all()
        items = [models.Item.model_validate(row, from_attributes=True) for row in rows[: request.limit]]
        return models.ItemPage(items=items, next_cursor=items[-1].item_id if len(rows) > len(items) else None)

    def details(self, owner: str, item_id: UUID) -> models.ItemDetails | None:
        """One item; nothing if the owner has no such item."""
        with transaction(self._engine) as session:
            item = session.scalar(sa.select(Item).where(Item.item_id == item_id, Item.owner == owner))
        if item is None:
            return None
        known = {name: getattr(item, name) for name in models.ItemDetails.model_fields.keys() - {"tags", "links"}}
        return models.ItemDetails(**known, tags=item.tags or [], links=self._links(item))

    def delete(self, owner: str, item_id: UUID) -> bool:
        """Deletes an item with all its traces; tells whether the owner had any.

        The row goes first: whoever works on the item notices, and removes what it has written. The files go last: by
        them a repetition finds what is left when DynamoDB or S3 fails; if nobody repeats it, cleanup removes it.
        """
        with transaction(self._engine) as session:
            deleted = session.execute(
                sa.delete(Item).where(Item.item_id == item_id, Item.owner == owner).returning(Item.item_id)
            ).first()
        # Below the owner's own keys, so that nothing of somebody else's is touched, whatever the id.
        found = [key for prefix in _prefixes(owner, item_id) for key in self._files.keys_below(prefix)]
        if deleted is None and not found:
            return False
        self._checkpoints.forget(item_id)
        self._files.delete(found)
        logger.info("Item deleted", extra={"item_id": str(item_id)})
        return True

    def _links(self, item: Item) -> models.Links:
        if item.object_version is None:
            return models.Links(original=None, thumbnail=None)
        original = self._storage.download_link(item.object_key, item.filename)
        if keys.kind_of(item.content_type) != "images":
            return models.Links(original=original, thumbnail=None)
        key = keys.thumbnail_key(item.owner, item.item_id, item.object_version)
        # A picture has a title when it was looked at, and it is looked at after its thumbnail was made. One that came
        # to nothing did so before that or afterwards: S3 knows, and is asked for these few alone.
        came_to_nothing = item.status in {Status.REJECTED, Status.FAILED}
        is_there = item.title is not None or (came_to_nothing and key in self._files.keys_below(key))
        return models.Links(original=original, thumbnail=self._storage.display_link(key) if is_there else None)


def _prefixes(owner: str, item_id: UUID) -> list[str]:
    uploads = [keys.upload_key(kind, owner, item_id) for kind in get_args(keys.Kind)]
    return [*uploads, keys.results_prefix(owner, item_id)]
