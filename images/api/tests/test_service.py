from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import boto3
import pytest
from api_client import ALICE, PARAMETERS
from botocore.config import Config

from api.items import Items
from api.storage import s3_client

if TYPE_CHECKING:
    from collections.abc import Callable

    from api_client import Api

    from testing_support.metrics import Metric

HEALTHY = {"status": "ok", "version": "7", "image_digest": "sha256:0123"}
OWN_VERSION = {"FunctionName": "student-helper-test-api", "Qualifier": "7"}


def lists_nothing(api: Api) -> None:
    """S3's next answer: nothing is where health looks."""
    api.s3.add_response("list_objects_v2", {}, {"Bucket": api.bucket, "Prefix": "uploads/health/"})


def tells_the_image(api: Api) -> None:
    """Lambda's next answer: the image of the version that runs."""
    uri = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/student-helper-test-api@sha256:0123"
    api.aws_lambda.add_response("get_function", {"Code": {"ResolvedImageUri": uri}}, OWN_VERSION)


def test_health_tells_version_and_image_without_a_token(api: Api) -> None:
    api.claims = None
    lists_nothing(api)
    tells_the_image(api)

    answer = api.request("GET", "/health")

    assert (answer.status, answer.body) == (200, HEALTHY)


def test_health_asks_for_the_image_until_it_knows_it(api: Api) -> None:
    lists_nothing(api)
    api.aws_lambda.add_client_error("get_function", "ServiceException", http_status_code=500)
    refused = api.request("GET", "/health")
    tells_the_image(api)

    answers = [api.request("GET", "/health") for _ in range(2)]

    assert (refused.status, refused.body["dependency"]) == (503, "lambda")
    assert [answer.body for answer in answers] == [HEALTHY, HEALTHY]


def test_health_asks_once_in_five_seconds(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("api.health.time.monotonic", lambda: now)
    lists_nothing(api)
    tells_the_image(api)
    api.request("GET", "/health")
    now = 104.9
    assert api.request("GET", "/health").status == 200
    api.s3.add_client_error("list_objects_v2", "InternalError", http_status_code=500)

    now = 105.0

    assert api.request("GET", "/health").status == 503


def test_health_names_a_bucket_that_does_not_answer_and_keeps_that_answer_too(api: Api) -> None:
    api.s3.add_client_error("list_objects_v2", "AccessDenied", http_status_code=403)

    answers = [api.request("GET", "/health") for _ in range(2)]

    assert [answer.status for answer in answers] == [503, 503]
    assert answers[0].headers["content-type"] == "application/problem+json"
    assert answers[0].body == {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "storage is not available; try again later",
        "correlation_id": "request-1",
        "dependency": "storage",
    }


def test_health_names_a_database_that_does_not_answer(api_without_database: Api) -> None:
    lists_nothing(api_without_database)

    answer = api_without_database.request("GET", "/health")

    assert (answer.status, answer.body["dependency"]) == (503, "database")


@pytest.mark.parametrize("name", PARAMETERS)
def test_health_notices_each_parameter_that_cannot_be_read(api: Api, name: str) -> None:
    del api.parameters.values[name]

    answer = api.request("GET", "/health")

    assert (answer.status, answer.body["dependency"]) == (503, "parameters")


def test_an_unknown_route_is_a_problem_that_says_where_to_look(api: Api) -> None:
    answer = api.request("GET", "/nothing")

    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.body["detail"] == "There is nothing at /nothing; /openapi.json lists what there is"


MUCH = "x" * 4_000_000
"""About as much as Lambda takes, and answers."""
LONG = "9" * 9_000
"""About as much as API Gateway takes beside a body."""
UPLOAD = {"filename": "a.jpg", "content_type": "image/jpeg"}


@pytest.mark.parametrize(
    ("method", "path", "body", "query", "status"),
    [
        ("POST", "/uploads", {MUCH: 1}, {}, 422),
        ("POST", "/uploads", dict.fromkeys(map(str, range(200_000))), {}, 422),
        *(("POST", "/uploads", UPLOAD | {name: MUCH}, {}, 422) for name in ("filename", "content_type", "collection")),
        ("POST", "/uploads", UPLOAD | {"collection": {MUCH: 1}}, {}, 422),
        ("POST", "/uploads", f'"{MUCH}"', {}, 422),
        ("POST", "/uploads", MUCH, {}, 422),
        ("GET", "/items", None, {LONG: "1"}, 422),
        *(("GET", "/items", None, {name: LONG}, 422) for name in ("collection", "status", "cursor", "limit")),
        ("GET", "/search", None, {"q": LONG}, 422),
        ("GET", f"/items/{LONG}", None, {}, 422),
        ("GET", f"/{LONG}", None, {}, 404),
        (LONG, "/items", None, {}, 405),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_problem_says_little_however_much_was_sent(
    api: Api, method: str, path: str, body: object, query: dict[str, str], status: int
) -> None:
    answer = api.request(method, path, body, **query)

    assert answer.status == status
    assert int(answer.headers["content-length"]) < 2_000


def test_a_method_that_a_route_does_not_have_is_told_the_right_one(api: Api) -> None:
    answer = api.request("PUT", "/uploads")

    assert (answer.status, answer.headers["allow"]) == (405, "POST")
    assert answer.body["detail"] == "PUT is not allowed here; allowed: POST"


@pytest.fixture
def broken_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of items cannot be made."""

    def broken(*_: object) -> None:
        raise RuntimeError("an internal detail")

    monkeypatch.setattr(Items, "page", broken)


@pytest.mark.usefixtures("broken_list")
def test_an_unexpected_error_shows_nothing_but_the_id_under_which_it_is_logged(api: Api, logs: io.StringIO) -> None:
    answer = api.request("GET", "/items")

    assert (answer.status, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.body == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "detail": "Something went wrong here; tell support the correlation id",
        "correlation_id": "request-1",
    }
    [line] = logs.getvalue().splitlines()
    logged = json.loads(line)
    assert (logged["level"], logged["correlation_id"], logged["service"]) == ("ERROR", "request-1", "tests")
    assert "an internal detail" in logged["exception"]


@pytest.mark.usefixtures("broken_list")
def test_an_unexpected_error_is_a_fault_of_the_function_and_of_its_version(
    api: Api, metrics: Callable[[], list[Metric]]
) -> None:
    api.request("GET", "/items")

    assert metrics() == [
        ("student-helper-test", {"service": "student-helper-test-api"}, "Faults", "Count", 1),
        ("student-helper-test", {"service": "student-helper-test-api", "version": "7"}, "Faults", "Count", 1),
    ]


def test_a_dependency_that_does_not_answer_is_no_fault(
    api_without_database: Api, metrics: Callable[[], list[Metric]]
) -> None:
    assert api_without_database.request("GET", "/items").status == 503

    assert metrics() == []


def test_logs_are_json_lines_without_names_tokens_or_urls(api: Api, logs: io.StringIO) -> None:
    body = {"filename": "diary.txt", "content_type": "text/plain", "collection": "private"}
    item_id = api.request("POST", "/uploads", body).body["item_id"]

    [line] = logs.getvalue().splitlines()
    logged = json.loads(line)
    assert (logged["message"], logged["item_id"]) == ("Upload requested", item_id)
    assert (logged["correlation_id"], logged["function_request_id"]) == ("request-1", "invocation-1")
    assert [word for word in ("diary", "private", "X-Amz", "policy", "session", ALICE) if word in line] == []


def test_the_openapi_document_describes_every_route_and_its_problems(api: Api) -> None:
    document = api.request("GET", "/openapi.json").body

    operations = {
        f"{method.upper()} {path}": (set(operation["responses"]), "security" in operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert operations == {
        "GET /health": ({"200", "429", "503"}, False),
        "POST /uploads": ({"201", "401", "403", "422", "429", "503"}, True),
        "GET /items": ({"200", "401", "403", "422", "429", "503"}, True),
        "GET /items/{item_id}": ({"200", "401", "403", "404", "422", "429", "503"}, True),
        "GET /search": ({"200", "401", "403", "422", "429", "503"}, True),
        "DELETE /items/{item_id}": ({"204", "401", "403", "404", "422", "429", "503"}, True),
    }
    answered_by_the_gateway = document["paths"]["/items"]["get"]["responses"]["401"]["content"]
    assert answered_by_the_gateway == {"application/json": {"schema": {"$ref": "#/components/schemas/GatewayMessage"}}}
    assert "API Gateway" in document["info"]["description"]
    text = json.dumps(document)
    references = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert references - document["components"]["schemas"].keys() == set()
    assert "HTTPValidationError" not in text


def test_the_openapi_document_says_how_long_a_collections_name_may_be(api: Api) -> None:
    document = api.request("GET", "/openapi.json").body

    sent = document["components"]["schemas"]["UploadRequest"]["properties"]["collection"]
    asked_for = [
        parameter["schema"]
        for path in ("/items", "/search")
        for parameter in document["paths"][path]["get"]["parameters"]
        if parameter["name"] == "collection"
    ]
    name = {
        "type": "string",
        "minLength": 1,
        # What is composed of four characters each.
        "maxLength": 256,
        "description": "at most 64 characters, counted in Unicode's form NFC, which is kept",
    }
    assert [schema["anyOf"] for schema in (sent, *asked_for)] == [[name, {"type": "null"}]] * 3


@pytest.mark.parametrize(
    ("region", "endpoint", "url"),
    [
        ("eu-central-1", None, "https://bucket.s3.eu-central-1.amazonaws.com/"),
        ("us-east-1", None, "https://bucket.s3.amazonaws.com/"),
        ("cn-north-1", None, "https://bucket.s3.cn-north-1.amazonaws.com.cn/"),
        ("eu-central-1", "http://localhost:4566", "http://localhost:4566/bucket"),
    ],
)
def test_forms_lead_to_the_buckets_own_region(
    region: str, endpoint: str | None, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    if endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)

    assert s3_client(Config()).generate_presigned_post("bucket", "key")["url"] == url


def test_the_module_that_lambda_loads_makes_its_handler_from_the_environment() -> None:
    from api.handler import handler

    assert callable(handler)
