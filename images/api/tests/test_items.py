from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from api_client import ALICE, BOB, id_at

from api.ids import new_item_id

if TYPE_CHECKING:
    from api_client import Api

STATUSES = ["pending", "processing", "ready", "rejected", "failed"]


def ids(page: dict[str, Any]) -> list[str]:
    return [item["item_id"] for item in page["items"]]


def test_ids_sort_by_the_time_they_were_made() -> None:
    before = int(datetime.now(UTC).timestamp() * 1000)

    item_id = new_item_id()

    assert (item_id.version, item_id.variant) == (7, "specified in RFC 4122")
    assert before <= item_id.int >> 80 <= int(datetime.now(UTC).timestamp() * 1000)
    assert id_at(1) < id_at(2) < item_id


def test_a_student_without_items_gets_an_empty_page(api: Api) -> None:
    answer = api.request("GET", "/items")

    assert (answer.status, answer.body) == (200, {"items": [], "next_cursor": None})


def test_items_come_newest_first_with_what_is_known_of_them(api: Api) -> None:
    first = api.add(0)
    second = api.add(1, collection="Élan", status="ready", size_bytes=1234, object_version="v1")

    answer = api.request("GET", "/items")

    photo = {"filename": "page 1.jpg", "content_type": "image/jpeg"}
    ready = photo | {"collection": "Élan", "size_bytes": 1234, "status": "ready"}
    pending = photo | {"collection": None, "size_bytes": None, "status": "pending"}
    assert answer.body == {
        "items": [
            {"item_id": second, "created_at": "2026-01-01T00:00:01Z"} | ready,
            {"item_id": first, "created_at": "2026-01-01T00:00:00Z"} | pending,
        ],
        "next_cursor": None,
    }


def test_pages_lead_from_one_to_the_next_whatever_comes_and_goes_meanwhile(api: Api) -> None:
    all_ids = [api.add(second) for second in range(5)]

    first = api.request("GET", "/items", limit="2").body
    api.add(9)
    api.execute("delete from items where item_id = :id", id=first["next_cursor"])
    second = api.request("GET", "/items", limit="2", cursor=first["next_cursor"]).body
    third = api.request("GET", "/items", limit="2", cursor=second["next_cursor"]).body

    assert [ids(page) for page in (first, second, third)] == [
        [all_ids[4], all_ids[3]],
        [all_ids[2], all_ids[1]],
        [all_ids[0]],
    ]
    assert third["next_cursor"] is None


def test_a_last_page_that_is_full_has_no_cursor(api: Api) -> None:
    api.add(0)
    api.add(1)

    assert api.request("GET", "/items", limit="2").body["next_cursor"] is None


def test_a_collection_shows_its_own_items_alone(api: Api) -> None:
    all_ids = [api.add(second, collection=name) for second, name in enumerate(["maths", "art", "maths", None, "Maths"])]

    first = api.request("GET", "/items", collection="maths", limit="1").body
    second = api.request("GET", "/items", collection="maths", limit="1", cursor=first["next_cursor"]).body

    assert (ids(first), ids(second), second["next_cursor"]) == ([all_ids[2]], [all_ids[0]], None)


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_shows_its_own_items_alone(api: Api, status: str) -> None:
    all_ids = {name: api.add(second, status=name) for second, name in enumerate(STATUSES)}

    assert ids(api.request("GET", "/items", status=status).body) == [all_ids[status]]


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


def test_an_item_that_waits_for_its_file_has_no_links(api: Api) -> None:
    item_id = api.add(0)

    answer = api.request("GET", f"/items/{item_id}")

    assert answer.status == 200
    assert answer.body == {
        "item_id": item_id,
        "filename": "page 1.jpg",
        "content_type": "image/jpeg",
        "size_bytes": None,
        "collection": None,
        "status": "pending",
        "created_at": "2026-01-01T00:00:00Z",
        "reason": None,
        "title": None,
        "description": None,
        "tags": [],
        "text": None,
        "pages": None,
        "links": {"original": None, "thumbnail": None},
    }


def test_a_picture_that_is_ready_has_its_description_and_both_files(api: Api) -> None:
    known: dict[str, Any] = {
        "title": "A cell",
        "description": "A drawing of a plant's cell.",
        "tags": ["biology", "cell"],
        "text": "Nucleus",
        "size_bytes": 1234,
        "status": "ready",
    }
    item_id = api.add(0, object_version="v1", **known)

    answer = api.request("GET", f"/items/{item_id}")

    links = {name: urlsplit(link) for name, link in answer.body["links"].items()}
    host = f"{api.bucket}.s3.eu-central-1.amazonaws.com"
    assert {name: (link.scheme, link.netloc, link.path) for name, link in links.items()} == {
        "original": ("https", host, f"/uploads/images/{ALICE}/{item_id}"),
        "thumbnail": ("https", host, f"/results/{ALICE}/{item_id}/v1/thumbnail.webp"),
    }
    original, thumbnail = parse_qs(links["original"].query), parse_qs(links["thumbnail"].query)
    assert original["response-content-disposition"] == ["attachment; filename*=UTF-8''page%201.jpg"]
    assert "response-content-disposition" not in thumbnail
    assert original["X-Amz-Expires"] == thumbnail["X-Amz-Expires"] == ["900"]
    assert {name: answer.body[name] for name in known} == known


def test_a_document_has_pages_and_no_thumbnail(api: Api) -> None:
    known: dict[str, Any] = {"title": "Osmosis", "content_type": "application/pdf", "pages": 3, "status": "ready"}
    item_id = api.add(0, kind="documents", object_version="v1", **known)

    answer = api.request("GET", f"/items/{item_id}")

    assert {name: answer.body[name] for name in known} == known
    assert urlsplit(answer.body["links"]["original"]).path == f"/uploads/documents/{ALICE}/{item_id}"
    assert answer.body["links"]["thumbnail"] is None


@pytest.mark.parametrize("status", ["rejected", "failed"])
def test_a_picture_that_came_to_nothing_says_why_and_keeps_its_file(api: Api, status: str) -> None:
    item_id = api.add(0, status=status, reason="This file is not a picture.", object_version="v1")
    api.lists(f"results/{ALICE}/{item_id}/v1/thumbnail.webp")

    body = api.request("GET", f"/items/{item_id}").body

    assert (body["status"], body["reason"]) == (status, "This file is not a picture.")
    assert (body["links"]["original"] is None, body["links"]["thumbnail"]) == (False, None)


@pytest.mark.parametrize("status", ["rejected", "failed"])
def test_a_picture_that_came_to_nothing_after_its_thumbnail_was_made_is_seen(api: Api, status: str) -> None:
    item_id = api.add(0, status=status, reason="The model refuses it.", object_version="v1")
    thumbnail = f"results/{ALICE}/{item_id}/v1/thumbnail.webp"
    api.lists(thumbnail, thumbnail)

    links = api.request("GET", f"/items/{item_id}").body["links"]

    assert urlsplit(links["thumbnail"]).path == f"/{thumbnail}"


def test_a_picture_that_is_worked_on_has_its_file_alone(api: Api) -> None:
    item_id = api.add(0, status="processing", object_version="v1")

    links = api.request("GET", f"/items/{item_id}").body["links"]

    assert (links["original"] is None, links["thumbnail"]) == (False, None)


def test_an_id_that_is_none_is_told_what_would_be_accepted(api: Api) -> None:
    answer = api.request("GET", "/items/first")

    assert answer.status == 422
    assert answer.body["errors"][0]["field"] == "item_id"
    assert answer.body["errors"][0]["message"].startswith("Input should be a valid UUID")


def test_deleting_an_item_deletes_its_row_passages_files_and_checkpoints(api: Api) -> None:
    item_id, other = api.add(0, object_version="v1"), api.add(1)
    for item in (item_id, other):
        api.add_passage(item, 0, "a cell", 10)
    files = [f"uploads/images/{ALICE}/{item_id}", f"results/{ALICE}/{item_id}/v1/thumbnail.webp"]
    api.stores(item_id, *files)
    api.deletes(*files)
    api.forgets(item_id, "image-processor", "analyzer")

    answer = api.request("DELETE", f"/items/{item_id}")

    assert (answer.status, answer.body) == (204, None)
    assert [str(row[0]) for row in api.execute("select item_id from items")] == [other]
    assert [str(row[0]) for row in api.execute("select item_id from passages")] == [other]


def test_an_item_without_a_file_can_be_deleted(api: Api) -> None:
    item_id = api.add(0)
    api.stores(item_id)
    api.forgets(item_id)

    assert api.request("DELETE", f"/items/{item_id}").status == 204
    assert api.request("GET", f"/items/{item_id}").status == 404


def test_a_deletion_that_s3_refuses_hides_the_item_and_can_be_finished(api: Api) -> None:
    item_id = api.add(0, object_version="v1")
    upload = f"uploads/images/{ALICE}/{item_id}"
    api.stores(item_id, upload)
    api.forgets(item_id, "image-processor")
    api.deletes(upload, refusal="InternalError")
    refused = api.request("DELETE", f"/items/{item_id}")
    hidden = api.request("GET", f"/items/{item_id}")
    api.stores(item_id, upload)
    api.forgets(item_id)
    api.deletes(upload)

    finished = api.request("DELETE", f"/items/{item_id}")

    assert (refused.status, refused.body["dependency"]) == (503, "storage")
    assert (hidden.status, finished.status) == (404, 204)


def test_a_deletion_that_dynamodb_refuses_can_be_finished(api: Api) -> None:
    item_id = api.add(0, object_version="v1")
    upload = f"uploads/images/{ALICE}/{item_id}"
    api.stores(item_id, upload)
    api.dynamodb.add_client_error("query", "InternalServerError", http_status_code=500)
    refused = api.request("DELETE", f"/items/{item_id}")
    api.stores(item_id, upload)
    api.forgets(item_id, "image-processor")
    api.deletes(upload)

    finished = api.request("DELETE", f"/items/{item_id}")

    assert (refused.status, refused.body["dependency"]) == (503, "checkpoints")
    assert finished.status == 204


def test_a_second_deletion_finds_nothing(api: Api) -> None:
    item_id = api.add(0)
    api.stores(item_id)
    api.forgets(item_id)
    api.request("DELETE", f"/items/{item_id}")
    api.stores(item_id)

    assert api.request("DELETE", f"/items/{item_id}").status == 404


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_item_of_somebody_else_does_not_exist(api: Api, method: str) -> None:
    item_id = api.add(0, title="Alice's", object_version="v1")
    api.sign_in(BOB)
    if method == "DELETE":
        # Nothing but Bob's own places is looked at, and no checkpoint is touched.
        api.stores(item_id, owner=BOB)

    answer = api.request(method, f"/items/{item_id}")

    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.body == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "You have no item with this id",
        "correlation_id": "request-1",
    }
    assert api.execute("select owner, title from items") == [(ALICE, "Alice's")]


def test_a_list_has_nothing_of_somebody_else_by_any_cursor_or_filter(api: Api) -> None:
    item_ids = [api.add(second, collection="art", status="ready") for second in range(2)]
    api.sign_in(BOB)

    queries = [{}, {"cursor": item_ids[1]}, {"collection": "art"}, {"status": "ready"}]
    pages = [api.request("GET", "/items", **query).body for query in queries]

    assert pages == [{"items": [], "next_cursor": None}] * 4


@pytest.mark.parametrize(
    ("method", "path", "body", "query"),
    [
        ("POST", "/uploads", {"filename": "a.jpg", "content_type": "image/jpeg"}, {}),
        ("GET", "/items", None, {}),
        ("GET", f"/items/{id_at(0)}", None, {}),
        ("DELETE", f"/items/{id_at(0)}", None, {}),
        ("GET", "/search", None, {"q": "cell"}),
    ],
)
def test_a_database_that_does_not_answer_is_a_problem_that_passes(
    api_without_database: Api, method: str, path: str, body: object, query: dict[str, str]
) -> None:
    answer = api_without_database.request(method, path, body, **query)

    assert (answer.status, answer.body["dependency"]) == (503, "database")


def test_an_error_of_a_statement_is_no_problem_that_passes(api: Api) -> None:
    api.execute("alter table items rename to renamed")
    try:
        answer = api.request("GET", "/items")
    finally:
        api.execute("alter table renamed rename to items")

    assert answer.status == 500


def test_a_connection_that_broke_meanwhile_is_made_anew(api: Api, postgres: sa.URL) -> None:
    api.request("GET", "/items")
    others = sa.text("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()")
    administrator = sa.create_engine(postgres)
    with administrator.connect() as connection:
        connection.execute(others)
    administrator.dispose()

    assert api.request("GET", "/items").status == 200
