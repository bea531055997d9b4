from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from api.ids import created_at, new_item_id

if TYPE_CHECKING:
    from conftest import Api

BOB = "22222222-2222-4222-8222-222222222222"


def id_at(second: int) -> str:
    """The id of an item that was made so many seconds after the start of 2026."""
    milliseconds = int(datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC).timestamp() * 1000)
    return str(UUID(int=milliseconds << 80 | 0x7 << 76 | 0b10 << 62 | second))


def keep(api: Api, *collections: str | None) -> list[str]:
    """Puts one photo for each collection into the owner's storage; the ids, oldest first."""
    ids = [id_at(second) for second in range(len(collections))]
    api.stores(*(f"uploads/{api.owner}/{item_id}" for item_id in ids), below=f"uploads/{api.owner}/")
    return ids


def describe(api: Api, item_id: str, collection: str | None = None) -> None:
    metadata = {"filename": "page%201.jpg"} | ({"collection": collection} if collection else {})
    api.describes(f"uploads/{api.owner}/{item_id}", **metadata)


def test_ids_sort_by_the_time_they_were_made() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    item_id = new_item_id()

    assert (item_id.version, item_id.variant) == (7, "specified in RFC 4122")
    assert before <= created_at(item_id) <= datetime.now(UTC)
    assert id_at(1) < id_at(2) < str(item_id)


def test_a_student_without_items_gets_an_empty_page(api: Api) -> None:
    keep(api)

    answer = api.request("GET", "/items")

    assert (answer.status, answer.body) == (200, {"items": [], "next_cursor": None})


def test_items_come_newest_first_with_what_is_known_of_them(api: Api) -> None:
    first, second = keep(api, None, "Élan")
    describe(api, second, "%C3%89lan")
    describe(api, first)

    answer = api.request("GET", "/items")

    photo = {"filename": "page 1.jpg", "content_type": "image/jpeg", "size_bytes": 1234, "status": "pending"}
    assert answer.body == {
        "items": [
            {"item_id": second, "collection": "Élan", "created_at": "2026-01-01T00:00:01Z"} | photo,
            {"item_id": first, "collection": None, "created_at": "2026-01-01T00:00:00Z"} | photo,
        ],
        "next_cursor": None,
    }


def test_pages_lead_from_one_to_the_next_and_ask_s3_only_for_their_own_items(api: Api) -> None:
    seen: list[str] = []
    cursor: dict[str, str] = {}
    for page in ([4, 3], [2, 1], [0]):
        ids = keep(api, None, None, None, None, None)
        for number in page:
            describe(api, ids[number])

        answer = api.request("GET", "/items", limit="2", **cursor)

        seen += [item["item_id"] for item in answer.body["items"]]
        cursor = {"cursor": answer.body["next_cursor"]}
    assert seen == [id_at(second) for second in (4, 3, 2, 1, 0)]
    assert cursor == {"cursor": None}


def test_a_last_page_that_is_full_has_no_cursor(api: Api) -> None:
    ids = keep(api, None, None)
    describe(api, ids[1])
    describe(api, ids[0])

    assert api.request("GET", "/items", limit="2").body["next_cursor"] is None


def test_more_items_than_one_answer_of_s3_holds_are_all_seen(api: Api) -> None:
    key = f"uploads/{api.owner}/"
    asked = {"Bucket": api.bucket, "Prefix": key}
    first = {"Contents": [{"Key": key + id_at(0)}], "IsTruncated": True, "NextContinuationToken": "more"}
    api.s3.add_response("list_objects_v2", first, asked)
    api.s3.add_response(
        "list_objects_v2", {"Contents": [{"Key": key + id_at(1)}]}, asked | {"ContinuationToken": "more"}
    )
    describe(api, id_at(1))

    page = api.request("GET", "/items", limit="1").body

    assert ([item["item_id"] for item in page["items"]], page["next_cursor"]) == ([id_at(1)], id_at(1))


def test_a_collection_shows_its_own_items_across_others(api: Api) -> None:
    collections = ["maths", "art", "maths", "art"]
    ids = keep(api, *collections)
    for number in (3, 2, 1, 0):
        describe(api, ids[number], collections[number])

    page = api.request("GET", "/items", collection="maths").body

    assert [item["item_id"] for item in page["items"]] == [ids[2], ids[0]]
    assert page["next_cursor"] is None


def test_a_search_for_a_rare_collection_pauses_and_goes_on_at_the_cursor(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.items.MAX_EXAMINED", 2)
    ids = keep(api, "art", "maths", "maths")
    describe(api, ids[2], "maths")
    describe(api, ids[1], "maths")
    paused = api.request("GET", "/items", collection="art").body
    keep(api, "art", "maths", "maths")
    describe(api, ids[0], "art")

    last = api.request("GET", "/items", collection="art", cursor=paused["next_cursor"]).body

    assert paused == {"items": [], "next_cursor": ids[1]}
    assert ([item["item_id"] for item in last["items"]], last["next_cursor"]) == ([ids[0]], None)


def test_an_item_that_is_deleted_meanwhile_is_left_out(api: Api) -> None:
    first, second = keep(api, None, None)
    api.s3.add_client_error("head_object", "404", http_status_code=404)
    describe(api, first)

    assert [item["item_id"] for item in api.request("GET", "/items").body["items"]] == [first]
    assert second != first


@pytest.mark.parametrize("status", ["processing", "ready", "rejected", "failed"])
def test_no_item_has_gone_beyond_pending_yet(api: Api, status: str) -> None:
    assert api.request("GET", "/items", status=status).body == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ({"limit": "0"}, "limit", "Input should be greater than or equal to 1"),
        ({"limit": "101"}, "limit", "Input should be less than or equal to 100"),
        ({"limit": "many"}, "limit", "Input should be a valid integer, unable to parse string as an integer"),
        ({"status": "done"}, "status", "Input should be 'pending', 'processing', 'ready', 'rejected' or 'failed'"),
        ({"cursor": BOB}, "cursor", "UUID version 7 expected"),
        ({"colection": "art"}, "query", "Unknown: colection. Accepted: collection, status, cursor, limit"),
    ],
)
def test_a_bad_query_is_told_what_would_be_accepted(api: Api, query: dict[str, str], field: str, message: str) -> None:
    answer = api.request("GET", "/items", **query)

    assert answer.status == 422
    assert answer.body["errors"] == [{"field": field, "message": message}]


def test_an_item_has_a_link_under_which_its_file_is_downloaded_by_its_name(api: Api) -> None:
    item_id = id_at(0)
    key = f"uploads/{api.owner}/{item_id}"
    api.stores(key, below=key)
    describe(api, item_id)

    answer = api.request("GET", f"/items/{item_id}")

    link = urlsplit(answer.body.pop("links")["original"])
    query = parse_qs(link.query)
    assert answer.status == 200
    assert answer.body == {
        "item_id": item_id,
        "filename": "page 1.jpg",
        "content_type": "image/jpeg",
        "size_bytes": 1234,
        "collection": None,
        "status": "pending",
        "created_at": "2026-01-01T00:00:00Z",
    }
    assert f"{link.scheme}://{link.netloc}" == f"https://{api.bucket}.s3.eu-central-1.amazonaws.com"
    assert link.path == f"/{key}"
    assert query["X-Amz-Expires"] == ["900"]
    assert query["response-content-disposition"] == ["attachment; filename*=UTF-8''page%201.jpg"]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_item_of_somebody_else_does_not_exist(api: Api, method: str) -> None:
    item_id = id_at(0)
    # It is Alice's; Bob's own prefix, the only one that is asked for, has nothing.
    api.claims = (api.claims or {}) | {"sub": BOB}
    api.stores(below=f"uploads/{BOB}/{item_id}")

    answer = api.request(method, f"/items/{item_id}")

    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.body == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "You have no item with this id",
        "correlation_id": "request-1",
    }


def test_an_id_that_is_none_is_told_what_would_be_accepted(api: Api) -> None:
    answer = api.request("GET", "/items/first")

    assert answer.status == 422
    assert answer.body["errors"][0]["field"] == "item_id"
    assert answer.body["errors"][0]["message"].startswith("Input should be a valid UUID")


def test_deleting_an_item_deletes_all_its_files(api: Api) -> None:
    item_id = id_at(0)
    key = f"uploads/{api.owner}/{item_id}"
    api.stores(key, f"{key}/thumbnail", below=key)
    objects = {"Objects": [{"Key": key}, {"Key": f"{key}/thumbnail"}], "Quiet": True}
    api.s3.add_response("delete_objects", {}, {"Bucket": api.bucket, "Delete": objects})

    answer = api.request("DELETE", f"/items/{item_id}")

    assert (answer.status, answer.body) == (204, None)


def test_a_file_that_s3_does_not_delete_is_not_reported_as_deleted(api: Api) -> None:
    item_id = id_at(0)
    key = f"uploads/{api.owner}/{item_id}"
    api.stores(key, below=key)
    refusal = {"Errors": [{"Key": key, "Code": "AccessDenied"}]}
    deletion = {"Objects": [{"Key": key}], "Quiet": True}
    api.s3.add_response("delete_objects", refusal, {"Bucket": api.bucket, "Delete": deletion})

    answer = api.request("DELETE", f"/items/{item_id}")

    assert (answer.status, answer.body["dependency"]) == (503, "storage")
