from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from student_helper.database import Item, Passage, Status
from student_helper.errors import AlreadyRejectedError, ItemGoneError
from student_helper.events import ObjectUploaded
from student_helper.items import FAILED, Items
from student_helper.keys import Upload, upload_key
from student_helper.logs import logger

OWNER = "11111111-1111-4111-8111-111111111111"
FOUND = {"title": "Cells", "description": "Notes on cells", "tags": ["biology"], "text": "mitochondria", "pages": 2}


@pytest.fixture
def items(database: sa.Engine) -> Items:
    return Items(database)


@pytest.fixture
def item_id(database: sa.Engine) -> UUID:
    """An item whose upload was asked for."""
    item_id = uuid4()
    row = Item(
        item_id=item_id,
        owner=OWNER,
        filename="notes.jpg",
        content_type="image/jpeg",
        object_key=upload_key("images", OWNER, item_id),
    )
    with Session(database) as session, session.begin():
        session.add(row)
    return item_id


def uploaded(item_id: UUID, version: int = 1, owner: str = OWNER) -> ObjectUploaded:
    return ObjectUploaded(
        key=upload_key("images", owner, item_id),
        upload=Upload("images", owner, item_id),
        object_version=f"v{version}",
        sequencer=f"{version:064X}",
        size_bytes=100 * version,
    )


def read(database: sa.Engine, item_id: UUID) -> Item:
    with Session(database) as session:
        return session.get_one(Item, item_id)


def finish(items: Items, item_id: UUID, version: str = "v1", status: Status = Status.READY) -> None:
    """Does what the later functions do: the item is described, has passages and a status."""
    with items.current(item_id, version) as (session, item):
        for name, value in FOUND.items():
            setattr(item, name, value)
        item.status = status
        item.reason = None
        session.add(Passage(item_id=item_id, number=0, text="Cells"))


def count_passages(database: sa.Engine) -> int:
    with Session(database) as session:
        return session.scalars(sa.select(sa.func.count()).select_from(Passage)).one()


def delete(database: sa.Engine, item_id: UUID) -> None:
    with Session(database) as session, session.begin():
        session.execute(sa.delete(Item).where(Item.item_id == item_id))


def test_work_begins_on_an_upload(items: Items, database: sa.Engine, item_id: UUID) -> None:
    before = read(database, item_id)
    assert (before.status, before.object_version) == (Status.PENDING, None)

    begun = items.begin(uploaded(item_id))

    item = read(database, item_id)
    for known in (begun, item):
        assert (known.status, known.object_version, known.size_bytes) == (Status.PROCESSING, "v1", 100)
    assert begun.updated_at == item.updated_at > before.updated_at


def test_the_status_is_stored_as_the_word_that_the_api_answers(
    items: Items, database: sa.Engine, item_id: UUID
) -> None:
    items.begin(uploaded(item_id))

    with database.connect() as connection:
        assert connection.execute(sa.text("select status from items")).scalar_one() == "processing"


@pytest.mark.parametrize("status", [Status.PROCESSING, Status.READY])
def test_a_repeated_upload_finds_the_item_as_it_left_it(
    items: Items, database: sa.Engine, item_id: UUID, status: Status
) -> None:
    items.begin(uploaded(item_id))
    finish(items, item_id, status=status)

    item = items.begin(uploaded(item_id))

    assert item.status == read(database, item_id).status == status
    assert {name: getattr(item, name) for name in FOUND} == FOUND
    assert count_passages(database) == 1


def test_each_attempt_notes_its_time(items: Items, database: sa.Engine, item_id: UUID) -> None:
    """Be it that nothing else changes: cleanup gives up items on which nobody was at work for long."""
    items.begin(uploaded(item_id))
    attempts: list[Callable[[], Item]] = [
        lambda: items.begin(uploaded(item_id)),
        lambda: items.resume(item_id, "v1"),
    ]

    for attempt in attempts:
        before = read(database, item_id)
        assert attempt().updated_at == read(database, item_id).updated_at > before.updated_at


def test_a_repeated_event_of_a_ready_item_changes_nothing(items: Items, database: sa.Engine, item_id: UUID) -> None:
    items.begin(uploaded(item_id))
    finish(items, item_id)
    before = read(database, item_id)

    items.begin(uploaded(item_id))
    items.resume(item_id, "v1")

    assert read(database, item_id).updated_at == before.updated_at


def test_a_later_version_takes_the_place_of_all_that_is_known(items: Items, database: sa.Engine, item_id: UUID) -> None:
    items.begin(uploaded(item_id))
    finish(items, item_id)

    items.begin(uploaded(item_id, version=2))

    item = read(database, item_id)
    assert (item.status, item.object_version, item.size_bytes) == (Status.PROCESSING, "v2", 200)
    assert {name: getattr(item, name) for name in FOUND} == dict.fromkeys(FOUND)
    assert count_passages(database) == 0


@pytest.mark.parametrize("status", [Status.REJECTED, Status.FAILED])
def test_a_later_version_is_worked_on_however_the_earlier_ended(
    items: Items, database: sa.Engine, item_id: UUID, status: Status
) -> None:
    items.begin(uploaded(item_id))
    if status is Status.REJECTED:
        items.reject(item_id, "v1", "It was damaged.")
    else:
        items.fail(item_id, "v1")

    items.begin(uploaded(item_id, version=2))

    item = read(database, item_id)
    assert (item.status, item.reason) == (Status.PROCESSING, None)


def test_an_earlier_version_that_comes_late_changes_nothing(items: Items, database: sa.Engine, item_id: UUID) -> None:
    items.begin(uploaded(item_id, version=2))
    finish(items, item_id, "v2")

    with pytest.raises(ItemGoneError):
        items.begin(uploaded(item_id, version=1))

    item = read(database, item_id)
    assert (item.status, item.object_version, item.title) == (Status.READY, "v2", "Cells")


def test_an_upload_without_an_item_is_nothing_to_work_on(items: Items, database: sa.Engine) -> None:
    with pytest.raises(ItemGoneError):
        items.begin(uploaded(uuid4()))

    with Session(database) as session:
        assert session.scalars(sa.select(Item)).all() == []


def test_an_upload_under_another_owner_does_not_touch_the_item(
    items: Items, database: sa.Engine, item_id: UUID
) -> None:
    with pytest.raises(ItemGoneError):
        items.begin(uploaded(item_id, owner="somebody-else"))

    assert read(database, item_id).status == Status.PENDING


def test_a_redrive_resumes_a_failed_item(items: Items, database: sa.Engine, item_id: UUID) -> None:
    items.begin(uploaded(item_id))
    items.fail(item_id, "v1")
    failed = read(database, item_id)

    items.resume(item_id, "v1")

    resumed = read(database, item_id)
    assert (failed.status, failed.reason) == (Status.FAILED, FAILED)
    assert (resumed.status, resumed.reason) == (Status.PROCESSING, None)


def test_a_repeated_stage_does_not_throw_a_ready_item_back(items: Items, database: sa.Engine, item_id: UUID) -> None:
    items.begin(uploaded(item_id))
    finish(items, item_id)

    assert items.resume(item_id, "v1").status == Status.READY
    items.fail(item_id, "v1")
    items.reject(item_id, "v1", "It takes too long to read.")

    item = read(database, item_id)
    assert (item.status, item.reason) == (Status.READY, None)


def test_a_rejection_is_final(items: Items, database: sa.Engine, item_id: UUID) -> None:
    items.begin(uploaded(item_id))
    items.reject(item_id, "v1", "It has a password.")

    with pytest.raises(AlreadyRejectedError):
        items.begin(uploaded(item_id))
    with pytest.raises(AlreadyRejectedError):
        items.resume(item_id, "v1")
    with pytest.raises(AlreadyRejectedError):
        items.fail(item_id, "v1")

    item = read(database, item_id)
    assert (item.status, item.reason) == (Status.REJECTED, "It has a password.")


def test_nobody_works_on_an_item_that_was_deleted(items: Items, database: sa.Engine, item_id: UUID) -> None:
    items.begin(uploaded(item_id))
    finish(items, item_id)
    delete(database, item_id)

    with pytest.raises(ItemGoneError):
        items.begin(uploaded(item_id))
    with pytest.raises(ItemGoneError):
        items.resume(item_id, "v1")
    with pytest.raises(ItemGoneError):
        items.fail(item_id, "v1")
    with pytest.raises(ItemGoneError):
        items.reject(item_id, "v1", "It has a password.")
    assert count_passages(database) == 0


def test_nobody_works_on_a_version_that_was_replaced(items: Items, database: sa.Engine, item_id: UUID) -> None:
    items.begin(uploaded(item_id))
    items.begin(uploaded(item_id, version=2))

    with pytest.raises(ItemGoneError):
        items.resume(item_id, "v1")
    items.fail(item_id, "v1")
    assert read(database, item_id).status == Status.PROCESSING


def test_an_upload_that_has_failed_before_its_work_began_is_taken_up_by_a_redrive(
    items: Items, database: sa.Engine, item_id: UUID
) -> None:
    items.fail(item_id, "v1")
    failed = read(database, item_id)

    items.begin(uploaded(item_id))

    begun = read(database, item_id)
    assert (failed.status, failed.reason, failed.object_version) == (Status.FAILED, FAILED, None)
    assert (begun.status, begun.reason, begun.object_version) == (Status.PROCESSING, None, "v1")


def test_what_a_block_changed_is_kept_as_a_whole_or_not_at_all(
    items: Items, database: sa.Engine, item_id: UUID
) -> None:
    items.begin(uploaded(item_id))

    def fail_half_way() -> None:
        with items.current(item_id, "v1") as (session, item):
            item.title = "Cells"
            session.add(Passage(item_id=item_id, number=0, text="Cells"))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()

    assert read(database, item_id).title is None
    assert count_passages(database) == 0


def test_an_item_is_held_while_it_is_changed(items: Items, database: sa.Engine, item_id: UUID) -> None:
    items.begin(uploaded(item_id))

    with (
        items.current(item_id, "v1"),
        Session(database) as other,
        pytest.raises(sa.exc.OperationalError, match="could not obtain lock"),
    ):
        other.get(Item, item_id, with_for_update={"nowait": True})


def test_who_begins_and_who_resumes_logs_the_request_that_the_item_came_from(
    items: Items, database: sa.Engine, item_id: UUID
) -> None:
    with Session(database) as session, session.begin():
        session.get_one(Item, item_id).correlation_id = "request-1"

    with logger.append_context_keys(correlation_id=None):
        items.begin(uploaded(item_id))
        begun = logger.get_correlation_id()
    with logger.append_context_keys(correlation_id=None):
        items.resume(item_id, "v1")
        resumed = logger.get_correlation_id()

    assert (begun, resumed) == ("request-1", "request-1")
