from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import pytest
from cleanup_system import BUCKET, OWNER

from cleanup.items import LostRows
from cleanup.objects import Objects, anywhere
from cleanup.parts import CleanupError
from student_helper.database import Item, Status
from student_helper.items import FAILED

if TYPE_CHECKING:
    from cleanup_system import Cleanup
    from mypy_boto3_s3 import S3Client

NOTHING = {"checkpoints": 0, "uploads": 0, "stalled": 0, "rows": 0, "objects": 0}


def expired(item_id: str, step: str, expiration: int = 1) -> dict[str, Any]:
    return {"item_id": {"S": item_id}, "step": {"S": step}, "expiration": {"N": str(expiration)}}


def results(cleanup: Cleanup, item: Item, *, hours: float = 2) -> list[str]:
    """The files that were made of an item."""
    prefix = f"results/{item.owner}/{item.item_id}/v1"
    return [cleanup.bucket.put(f"{prefix}/{name}", hours=hours) for name in ("rendition.jpg", "thumbnail.webp")]


def test_everything_in_its_place_stays(cleanup: Cleanup) -> None:
    ready = cleanup.add(status=Status.READY, object_version="v1", hours=1000)
    cleanup.bucket.put(ready.object_key, hours=1000)
    results(cleanup, ready, hours=1000)
    announced = cleanup.add(hours=23)
    before = dict(cleanup.bucket.objects)
    cleanup.scans()

    assert cleanup.run() == NOTHING
    assert cleanup.items() == {ready.item_id, announced.item_id}
    assert cleanup.bucket.objects == before


def test_what_is_removed_once_is_not_found_again(cleanup: Cleanup) -> None:
    cleanup.add(hours=25)
    results(cleanup, cleanup.add(status=Status.READY, object_version="v1"))
    checkpoint = expired("a", "analyzer")
    cleanup.scans(checkpoint)
    cleanup.deletes(checkpoint)
    cleanup.scans()

    assert cleanup.run() == {"checkpoints": 1, "uploads": 1, "stalled": 0, "rows": 1, "objects": 2}
    assert cleanup.run() == NOTHING
    assert (cleanup.items(), cleanup.bucket.objects) == (set(), {})


def test_expired_checkpoints_are_removed_unless_they_were_taken_anew(cleanup: Cleanup) -> None:
    first, anew, last = expired("a", "analyzer"), expired("a", "embedder", 2), expired("b", "analyzer", 3)
    cleanup.scans(first, anew, until="a")
    cleanup.deletes(first)
    cleanup.deletes(anew, taken_anew=True)
    cleanup.scans(last, after="a")
    cleanup.deletes(last)

    assert cleanup.run() == NOTHING | {"checkpoints": 2}


def test_uploads_that_were_announced_a_day_ago_and_never_came_are_removed(cleanup: Cleanup) -> None:
    cleanup.scans()
    for _ in range(2):
        cleanup.add(hours=25)
    young = cleanup.add(hours=23)
    ready = cleanup.add(hours=25, status=Status.READY, object_version="v1")
    cleanup.bucket.put(ready.object_key, hours=25)

    assert cleanup.run() == NOTHING | {"uploads": 2}
    assert cleanup.items() == {young.item_id, ready.item_id}


def test_uploads_that_have_come_and_on_which_no_work_has_begun_for_a_day_have_failed(cleanup: Cleanup) -> None:
    cleanup.scans()
    forgotten, young = (cleanup.add(hours=hours) for hours in (25, 23))
    for item in (forgotten, young):
        cleanup.bucket.put(item.object_key, hours=25)

    counts = cleanup.run()

    assert counts == NOTHING | {"uploads": 1}
    assert (cleanup.found(forgotten).status, cleanup.found(forgotten).reason) == (Status.FAILED, FAILED)
    assert cleanup.found(young).status is Status.PENDING


def test_items_on_which_nobody_works_any_more_have_failed(cleanup: Cleanup) -> None:
    stalled = cleanup.add(status=Status.PROCESSING, object_version="v1", hours=13)
    at_work = cleanup.add(status=Status.PROCESSING, object_version="v1", hours=11)
    for item in (stalled, at_work):
        cleanup.bucket.put(item.object_key, hours=13)
    cleanup.scans()

    counts = cleanup.run()

    assert counts == NOTHING | {"stalled": 1}
    assert cleanup.found(stalled).status is Status.FAILED
    assert cleanup.found(stalled).reason == FAILED
    assert cleanup.found(at_work).status is Status.PROCESSING


def test_what_is_counted_when_the_time_is_over_was_done(cleanup: Cleanup) -> None:
    stalled = cleanup.add(status=Status.PROCESSING, object_version="v1", hours=13)
    cleanup.scans()

    counts = cleanup.run(seconds=0)

    assert counts == NOTHING | {"stalled": 1}
    assert cleanup.found(stalled).status is Status.FAILED


@pytest.mark.parametrize(
    ("status", "version"),
    [
        (Status.PROCESSING, "v1"),
        (Status.READY, "v1"),
        (Status.REJECTED, "v1"),
        (Status.FAILED, "v1"),
        (Status.FAILED, None),
    ],
)
def test_items_whose_upload_is_gone_are_removed_with_their_results(
    cleanup: Cleanup, status: Status, version: str | None
) -> None:
    cleanup.scans()
    results(cleanup, cleanup.add(status=status, object_version=version))
    changed_now = cleanup.add(status=status, object_version=version, hours=0.9)
    kept = results(cleanup, changed_now)

    assert cleanup.run() == NOTHING | {"rows": 1, "objects": 2}
    assert cleanup.items() == {changed_now.item_id}
    assert sorted(cleanup.bucket.objects) == sorted(kept)


STARTS = ["uploads/", "uploads/documents/a-b/", "uploads/images/Z", "uploads/images/z/~"]
"""Before, between and behind all keys."""


@pytest.mark.parametrize("start", STARTS)
def test_rows_and_objects_are_matched_across_pages_of_both(
    cleanup: Cleanup, monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    cleanup.scans()
    monkeypatch.setattr("cleanup.items.anywhere", lambda _: start)
    monkeypatch.setattr("cleanup.items.PAGE", 2)
    cleanup.bucket.page_size = 3
    # Most collations sort these in another order than S3.
    owners = ["a", "A", "a-b", "a_b", "ab", "Z", "z", "-", "_", "0"]
    items = [
        cleanup.add(owner=owner, object_key=f"uploads/{kind}/{owner}/{uuid4()}", status="ready", object_version="v1")
        for owner in owners
        for kind in ("images", "documents")
    ]
    whole, lost = items[::3], items[1::3] + items[2::3]
    for item in whole:
        cleanup.bucket.put(item.object_key)

    removed = cleanup.run()

    assert (removed["rows"], cleanup.items()) == (len(lost), {item.item_id for item in whole})


def test_an_item_whose_file_comes_at_the_last_moment_stays(cleanup: Cleanup) -> None:
    cleanup.scans()
    item = cleanup.add(hours=25)
    cleanup.bucket.meanwhile = lambda: cleanup.change(item, object_version="v1", status=Status.PROCESSING)

    assert cleanup.run() == NOTHING
    assert cleanup.items() == {item.item_id}


def test_an_item_whose_file_comes_after_the_bucket_was_listed_stays(
    cleanup: Cleanup, monkeypatch: pytest.MonkeyPatch
) -> None:
    cleanup.scans()
    monkeypatch.setattr("cleanup.items.anywhere", lambda prefix: prefix)
    item = cleanup.add(status=Status.READY, object_version="v1")
    lists = iter(range(2))
    cleanup.bucket.meanwhile = lambda: cleanup.bucket.put(item.object_key) if next(lists, None) == 1 else None

    assert cleanup.run() == NOTHING
    assert cleanup.items() == {item.item_id}


def test_a_cleanup_begins_anywhere_and_goes_once_round(cleanup: Cleanup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cleanup.objects.anywhere", lambda prefix: f"{prefix}5")
    monkeypatch.setattr("cleanup.objects.random.sample", lambda prefixes, _: list(reversed(prefixes)))
    cleanup.bucket.page_size = 1
    keys = [cleanup.bucket.put(f"results/{digit}/{uuid4()}/v1/thumbnail.webp") for digit in "0459"]
    left = []

    # There is time for one step of each part.
    for _ in range(2):
        cleanup.scans()
        cleanup.run(seconds=0)
        left.append(sorted(cleanup.bucket.objects))
    cleanup.scans()
    counts = cleanup.run()

    assert left == [[keys[0], keys[1], keys[3]], [keys[0], keys[1]]]
    assert (counts, cleanup.bucket.objects) == (NOTHING | {"objects": 2}, {})


def test_rows_are_looked_at_from_anywhere_on(cleanup: Cleanup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cleanup.items.anywhere", lambda prefix: f"{prefix}images/5")
    items = [cleanup.add(owner=digit, status=Status.READY, object_version="v1") for digit in "0459"]
    rows = LostRows(cleanup.database, Objects(cast("S3Client", cleanup.bucket), lambda: BUCKET)).clean()

    order: list[Item] = []
    for count in rows:
        if count:
            [gone] = [item for item in items if item.item_id not in cleanup.items() and item not in order]
            order.append(gone)

    assert order == [items[2], items[3], items[0], items[1]]


@pytest.mark.parametrize("prefix", ["uploads/", "results/"])
def test_another_place_to_begin_is_found_each_time(prefix: str) -> None:
    places = {anywhere(prefix) for _ in range(100)}

    folders = {place.rpartition("/")[0] for place in places}
    assert len(places) == 100
    assert folders == ({"uploads/images", "uploads/documents"} if prefix == "uploads/" else {"results"})


@pytest.mark.parametrize("start", STARTS)
def test_objects_without_an_item_are_removed_when_they_are_an_hour_old(
    cleanup: Cleanup, monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    monkeypatch.setattr("cleanup.objects.anywhere", lambda prefix: start.replace("uploads/", prefix))
    cleanup.scans()
    cleanup.bucket.page_size = 2
    item = cleanup.add(status=Status.READY, object_version="v1")
    kept = [cleanup.bucket.put(item.object_key), *results(cleanup, item)]
    deleted = uuid4()
    kept.append(cleanup.bucket.put(f"uploads/images/{OWNER}/{uuid4()}", hours=0.9))
    kept.append(cleanup.bucket.put("elsewhere/object"))
    lost = [
        f"uploads/documents/{OWNER}/{deleted}",
        f"results/{OWNER}/{deleted}/v1/thumbnail.webp",
        f"results/{OWNER}/{deleted}/v1/rendition.jpg",
        "uploads/no-key-of-ours",
        "results/none/of-ours",
    ]
    for key in lost:
        cleanup.bucket.put(key)

    assert cleanup.run() == NOTHING | {"objects": len(lost)}
    assert sorted(cleanup.bucket.objects) == sorted(kept)


def test_a_part_that_fails_leaves_the_others_their_work(cleanup: Cleanup) -> None:
    cleanup.dynamodb.add_client_error("scan", "InternalServerError", http_status_code=500)
    cleanup.bucket.refuses = True
    cleanup.bucket.put(f"uploads/images/{OWNER}/{uuid4()}")
    cleanup.add(hours=25)
    cleanup.add(status=Status.READY, object_version="v1")

    with pytest.raises(CleanupError, match=r"^Failed: checkpoints, objects$"):
        cleanup.run()
    assert cleanup.items() == set()


def test_the_module_that_lambda_loads_makes_its_handler_from_the_environment(cleanup: Cleanup) -> None:
    from cleanup.handler import handler

    assert callable(handler)
    assert cleanup.items() == set()
