from __future__ import annotations

import io
import json
import math
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import pytest
import sqlalchemy as sa
import urllib3
from api_client import ALICE, BOB, VOYAGE_KEY

from api.search import QueryEmbedder
from student_helper.errors import DependencyError
from student_helper.parameters import Parameters
from testing_support.vendor import Answer

if TYPE_CHECKING:
    from api_client import Api
    from mypy_boto3_ssm import SSMClient

    from testing_support.aws import FakeParameterStore


def found(api: Api, **query: str) -> list[dict[str, Any]]:
    answer = api.request("GET", "/search", **({"q": "cell"} | query))
    assert answer.status == 200, answer.body
    results: list[dict[str, Any]] = answer.body["results"]
    return results


def add_ready(api: Api, second: int, degrees: float, **columns: Any) -> str:
    """An item with one passage."""
    item_id = api.add(second, status="ready", object_version="v1", **columns)
    api.add_passage(item_id, 0, f"passage at {degrees}", degrees)
    return item_id


def test_the_nearest_passages_come_first_with_their_score_text_and_page(api: Api) -> None:
    document = api.add(0, kind="documents", status="ready")
    api.add_passage(document, 0, "all about cells", 80)
    api.add_passage(document, 1, "the\n  nucleus", 20, page=7)
    picture = add_ready(api, 1, 60)

    results = found(api)

    assert results == [
        {"item_id": document, "score": 0.9397, "snippet": "the nucleus", "page": 7},
        {"item_id": picture, "score": 0.5, "snippet": "passage at 60", "page": None},
        {"item_id": document, "score": 0.1736, "snippet": "all about cells", "page": None},
    ]


def test_the_query_is_embedded_as_one(api: Api) -> None:
    found(api, q="  Was ist eine Zelle?\n")

    [request] = api.voyage.requests
    assert (request.path, request.headers["authorization"]) == ("/v1/embeddings", f"Bearer {VOYAGE_KEY}")
    assert request.headers["content-type"] == "application/json"
    assert request.body == {
        "input": ["Was ist eine Zelle?"],
        "model": "voyage-3.5",
        "input_type": "query",
        "output_dimension": 1024,
    }


@pytest.fixture
def by_index(database: sa.Engine) -> Iterator[None]:
    """The index for vectors is used, as it is with many students' passages, where few would be sorted faster."""

    def no_sort(connection: sa.Connection) -> None:
        connection.execute(sa.text("set local enable_sort = off"))

    sa.event.listen(database, "begin", no_sort)
    yield
    sa.event.remove(database, "begin", no_sort)


@pytest.mark.usefixtures("by_index")
def test_somebody_elses_passages_are_never_found_however_many_are_nearer(api: Api) -> None:
    mine = [add_ready(api, second, 40 + second) for second in range(3)]
    others = api.add(9, owner=BOB, status="ready")
    # Nearer than any of one's own, and more than the index looks at by itself.
    api.execute(
        """
        insert into passages
        select :item_id, number, null, 'not yours',
               cast('[' || cos(number / 4000.0) || ',' || sin(number / 4000.0) || repeat(',0', 1022) || ']' as vector)
        from generate_series(1, 500) number
        """,
        item_id=others,
    )
    assert [result["item_id"] for result in found(api, limit="3")] == mine
    api.sign_in(BOB)
    assert {result["item_id"] for result in found(api, limit="50")} == {others}


def test_a_collection_is_searched_alone(api: Api) -> None:
    add_ready(api, 0, 10, collection="maths")
    art = add_ready(api, 1, 20, collection="art")
    add_ready(api, 2, 30)

    assert [result["item_id"] for result in found(api, collection="art")] == [art]


@pytest.mark.parametrize("status", ["pending", "processing", "rejected", "failed"])
def test_an_item_that_is_not_ready_is_not_found(api: Api, status: str) -> None:
    item_id = api.add(0, status=status, object_version="v1")
    api.add_passage(item_id, 0, "a cell", 10)

    assert found(api) == []


def test_a_passage_without_a_vector_is_not_found(api: Api) -> None:
    item_id = api.add(0, status="ready", object_version="v1")
    api.add_passage(item_id, 0, "a cell", None)

    assert found(api) == []


def test_ten_results_come_unless_another_number_is_wanted(api: Api) -> None:
    item_ids = [add_ready(api, second, second + 1) for second in range(12)]

    assert [result["item_id"] for result in found(api)] == item_ids[:10]
    assert [result["item_id"] for result in found(api, limit="2")] == item_ids[:2]
    assert [result["item_id"] for result in found(api, limit="50")] == item_ids


def test_a_score_is_never_below_zero(api: Api) -> None:
    add_ready(api, 0, 180)

    assert [result["score"] for result in found(api)] == [0]


def test_a_long_passage_is_shown_by_its_beginning(api: Api) -> None:
    item_id = api.add(0, status="ready")
    api.add_passage(item_id, 0, "語 " * 400, 10)

    assert [result["snippet"] for result in found(api)] == [("語 " * 400)[:300]]


@pytest.mark.parametrize(
    "text", ["'; drop table items; --", "%s %(owner)s :owner", "\\", "' or owner = '" + BOB, "[1,2,3]'::vector"]
)
def test_text_that_looks_like_sql_is_text(api: Api, text: str) -> None:
    others = add_ready(api, 0, 10, owner=BOB)
    mine = add_ready(api, 1, 20, collection=text)

    assert [result["item_id"] for result in found(api, q=text, collection=text)] == [mine]
    assert {str(row[0]) for row in api.execute("select item_id from items")} == {mine, others}


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ({}, "q", "Field required"),
        ({"q": " "}, "q", "String should have at least 1 character"),
        ({"q": "x" * 1001}, "q", "String should have at most 1000 characters"),
        ({"q": "x", "limit": "0"}, "limit", "Input should be greater than or equal to 1"),
        ({"q": "x", "limit": "51"}, "limit", "Input should be less than or equal to 50"),
        ({"q": "x", "owner": BOB}, "query", "Unknown: owner. Accepted: q, collection, limit"),
    ],
)
def test_a_bad_search_is_told_what_would_be_accepted(api: Api, query: dict[str, str], field: str, message: str) -> None:
    answer = api.request("GET", "/search", **query)

    assert (answer.status, answer.body["errors"]) == (422, [{"field": field, "message": message}])
    assert api.voyage.requests == []


@pytest.mark.parametrize(
    "answer",
    [
        Answer({"detail": "busy"}, status=429, headers={"Retry-After": "1"}),
        Answer({"detail": "broken"}, status=500),
        Answer({"detail": "wrong"}, status=400),
        Answer(status=307, headers={"Location": "https://example.com"}),
        Answer(b"<html>", status=200),
        Answer(b'{"data"', announced=100),
        Answer({"data": []}),
        Answer({"data": [{"embedding": [1.0, 2.0]}]}),
        Answer({"data": [{"embedding": ["a"] * 1024}]}),
        Answer({"data": [{"embedding": [math.nan] * 1024}]}),
        Answer(["data"]),
    ],
    ids=lambda answer: f"{answer.status} {str(answer.body)[:20]}",
)
def test_a_search_without_a_vector_is_a_problem_that_passes(api: Api, answer: Answer) -> None:
    api.voyage.answers = [answer]

    problem = api.request("GET", "/search", q="cell")

    assert (problem.status, problem.headers["content-type"]) == (503, "application/problem+json")
    assert (problem.body["dependency"], problem.body["detail"]) == (
        "search",
        "search is not available; try again later",
    )
    assert len(api.voyage.requests) == 1


IDLE_AND_ENDED = Answer(resets=True)


def test_a_connection_that_ended_while_it_stood_idle_is_made_again(api: Api) -> None:
    found(api)
    api.voyage.answers = [IDLE_AND_ENDED]

    found(api)

    assert len(api.voyage.requests) == 3


@pytest.mark.parametrize(
    ("answers", "requests"),
    [
        ([IDLE_AND_ENDED, Answer({"detail": "broken"}, status=500)], 3),
        ([IDLE_AND_ENDED, IDLE_AND_ENDED], 3),
        ([Answer(b'{"data"', announced=100)], 2),
    ],
    ids=["and then broken", "and then reset", "cut off"],
)
def test_a_kept_connection_is_made_again_only_once_and_for_nothing_else(
    api: Api, answers: list[Answer], requests: int
) -> None:
    found(api)
    api.voyage.answers = [*answers]

    assert api.request("GET", "/search", q="cell").status == 503

    assert len(api.voyage.requests) == requests


def test_a_new_connection_that_is_reset_is_not_made_again(api: Api) -> None:
    api.voyage.answers = [Answer(resets=True)]

    assert api.request("GET", "/search", q="cell").status == 503

    assert len(api.voyage.requests) == 1


def test_a_silent_vendor_is_not_waited_for(store: FakeParameterStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.search.TIMEOUT", urllib3.Timeout(connect=5, read=0.05))
    parameters = Parameters("/student-helper/test", [*store.values], cast("SSMClient", store))

    with socket.create_server(("127.0.0.1", 0)) as silent:
        embedder = QueryEmbedder(parameters, f"http://127.0.0.1:{silent.getsockname()[1]}/v1")

        with pytest.raises(DependencyError, match="search is not available"):
            embedder.embed("cell")


def test_a_rotated_key_is_read_anew_when_the_old_one_is_refused(api: Api) -> None:
    found(api)
    api.parameters.values["voyage/api_key"] = "the-new-key"
    api.voyage.answers = [Answer({"detail": "unknown key"}, status=401)]

    found(api)

    keys = [request.headers["authorization"] for request in api.voyage.requests]
    assert keys == [f"Bearer {VOYAGE_KEY}", f"Bearer {VOYAGE_KEY}", "Bearer the-new-key"]


def test_a_key_that_is_refused_and_still_the_same_is_not_tried_again(api: Api) -> None:
    api.voyage.answers = [Answer({"detail": "unknown key"}, status=401)] * 2

    assert api.request("GET", "/search", q="cell").status == 503
    assert len(api.voyage.requests) == 1


def test_neither_key_nor_query_is_logged(api: Api, logs: io.StringIO) -> None:
    api.voyage.answers = [Answer({"detail": f"{VOYAGE_KEY} may not ask for my diary"}, status=403)]

    api.request("GET", "/search", q="my diary")

    text = logs.getvalue()
    assert json.loads(text.splitlines()[0])["status"] == 403
    assert [word for word in (VOYAGE_KEY, "diary", ALICE) if word in text] == []
