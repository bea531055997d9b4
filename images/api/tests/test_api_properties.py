"""What holds for whatever clients send, and for whatever the vectors' vendor answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api_client import ALICE, vector
from hypothesis import example, given
from hypothesis import strategies as st

from testing_support.vendor import Answer

if TYPE_CHECKING:
    from api_client import Api

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=8,
)
UPLOADS = st.dictionaries(st.sampled_from(["filename", "content_type", "collection"]) | st.text(), JSON) | st.builds(
    lambda filename, more: {"filename": filename, "content_type": "image/png"} | more,
    st.text(),
    st.fixed_dictionaries({}, optional={"collection": st.text()}),
)
# A query is text in UTF-8, percent-encoded.
VALUES = st.text(st.characters(codec="utf-8")) | st.integers().map(str) | st.uuids().map(str)
PARAMETERS = ["q", "collection", "status", "cursor", "limit", "owner", "offset"]
QUERIES = st.dictionaries(st.sampled_from(PARAMETERS), VALUES, max_size=4)


def is_answered(answer: Any, *statuses: int) -> None:
    """Whether it has one of these statuses, with problem details unless it is good."""
    assert answer.status in statuses
    good = answer.status < 300
    assert answer.headers["content-type"] == ("application/json" if good else "application/problem+json")
    if not good:
        assert answer.body["status"] == answer.status
        assert answer.body["detail"]


@given(body=JSON | UPLOADS)
@example(body={"\ud800": 1})
@example(body={"filename": "\ud800", "content_type": "image/png"})
def test_leave_to_upload_is_given_for_good_names_or_refused(api: Api, body: Any) -> None:
    api.execute("delete from items")

    answer = api.request("POST", "/uploads", body)

    is_answered(answer, 201, 422)
    rows = api.execute("select owner, filename, collection, object_key from items")
    assert len(rows) == (answer.status == 201)
    for owner, filename, collection, key in rows:
        assert owner == ALICE
        assert 0 < len(filename.encode()) <= 255
        assert not set(filename) & set("/\\\0")
        assert collection is None or 0 < len(collection) <= 64
        assert key == f"uploads/images/{ALICE}/{answer.body['item_id']}"


@given(body=st.text(st.characters(codec="utf-8")))
@example(body="[" * 100_000)
@example(body='{"a":' * 100_000)
@example(body="9" * 10_000)
def test_a_body_that_is_no_request_is_refused(api: Api, body: str) -> None:
    is_answered(api.request("POST", "/uploads", body), 400, 422)


@given(query=QUERIES)
def test_a_page_has_no_more_than_was_asked_for_or_is_refused(api: Api, query: dict[str, str]) -> None:
    api.execute("delete from items")
    for second in range(3):
        api.add(second)

    answer = api.request("GET", "/items", None, **query)

    is_answered(answer, 200, 422)
    assert answer.status != 200 or len(answer.body["items"]) <= int(query.get("limit", "20"))


@given(item_id=st.text(st.characters(codec="utf-8", exclude_characters="/?#"), min_size=1) | st.uuids().map(str))
def test_an_id_that_nobody_has_finds_nothing(api: Api, item_id: str) -> None:
    is_answered(api.request("GET", f"/items/{item_id}"), 404, 422, 307)


@given(query=QUERIES)
def test_a_search_is_answered_or_refused(api: Api, query: dict[str, str]) -> None:
    is_answered(api.request("GET", "/search", None, **query), 200, 422)


NUMBERS = st.floats() | st.integers() | st.just(0.0) | st.just(10**400)
EMBEDDINGS = st.builds(lambda number, count: [number] * count, NUMBERS, st.sampled_from([0, 1, 1023, 1024])) | JSON


@given(body=st.binary() | JSON | EMBEDDINGS.map(lambda numbers: {"data": [{"embedding": numbers}]}))
@example(body={"data": [{"embedding": [1e300] * 1024}]})
@example(body={"data": [{"embedding": [0.0] * 1024}]})
@example(body={"data": [{"embedding": [10**400] * 1024}]})
@example(body={"data": [{"embedding": vector(0)}]})
def test_a_search_finds_with_a_vector_or_is_not_available(api: Api, body: Any) -> None:
    api.execute("delete from items")
    item_id = api.add(1, status="ready")
    api.add_passage(item_id, 1, "Water moves.", 0)
    api.voyage.answers = [Answer(body)]

    answer = api.request("GET", "/search", None, q="water")

    is_answered(answer, 200, 503)
    assert answer.status == 503 or [result["item_id"] for result in answer.body["results"]] == [item_id]
