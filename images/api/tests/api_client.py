"""A client of the function: its real handler, called with API Gateway's events, on a real PostgreSQL.

S3 and DynamoDB answer from scripts, and Voyage's API is a server on this machine.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode
from uuid import UUID

import boto3
import sqlalchemy as sa
from botocore.config import Config
from botocore.stub import Stubber
from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

    from testing_support.aws import FakeParameterStore
    from testing_support.vendor import Vendor

ALICE = "11111111-1111-4111-8111-111111111111"
BOB = "22222222-2222-4222-8222-222222222222"
BUCKET = "student-helper-test-uploads"
CHECKPOINTS = "student-helper-test-checkpoints"
CLIENT_ID = "the-stacks-own-client"
VOYAGE_KEY = "the-stacks-own-key"
PARAMETERS = {
    "cognito/client_id": CLIENT_ID,
    "storage/bucket": BUCKET,
    "checkpoints/table": CHECKPOINTS,
    "voyage/api_key": VOYAGE_KEY,
    "voyage/model": "voyage-3.5",
    "database/host": "unused",
    "database/port": "5432",
    "database/name": "student_helper",
    "database/username": "student_helper",
    "database/password": "secret",
}
ENVIRONMENT = {
    "STACK": "test",
    "PARAMETER_PREFIX": "/student-helper/test",
    "PARAMETER_NAMES": ",".join(PARAMETERS),
    "MAX_UPLOAD_BYTES": "20971520",
    "AWS_LAMBDA_FUNCTION_NAME": "student-helper-test-api",
    "AWS_LAMBDA_FUNCTION_VERSION": "7",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "AKIATEST",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "session",
}


@dataclass(frozen=True)
class Answer:
    """What the function returned to API Gateway."""

    status: int
    headers: dict[str, str]
    body: Any
    """Parsed, if there is one."""


def id_at(second: int) -> UUID:
    """The id of an item that was made so many seconds after the start of 2026."""
    milliseconds = int(datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC).timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | 0b10 << 62 | second)


def vector(degrees: float) -> list[float]:
    """A vector at an angle to that of every query, so that its score is the angle's cosine."""
    angle = math.radians(degrees)
    return [math.cos(angle), math.sin(angle)] + [0.0] * 1022


def event(
    method: str, path: str, query: dict[str, str], body: str | None, claims: dict[str, str] | None
) -> dict[str, Any]:
    """An event as API Gateway sends it for an HTTP API, payload format 2.0."""
    authorizer = {} if claims is None else {"authorizer": {"jwt": {"claims": claims, "scopes": []}}}
    raw_query = urlencode(query)
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": raw_query,
        "headers": {
            "accept": "*/*",
            "content-type": "application/json",
            "host": "abc123.execute-api.eu-central-1.amazonaws.com",
            "x-forwarded-for": "203.0.113.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        **({"queryStringParameters": query} if query else {}),
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abc123",
            **authorizer,
            "domainName": "abc123.execute-api.eu-central-1.amazonaws.com",
            "domainPrefix": "abc123",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.1",
                "userAgent": "curl/8",
            },
            "requestId": "request-1",
            "routeKey": "$default",
            "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000",
            "timeEpoch": 1767225600000,
        },
        **({} if body is None else {"body": body}),
        "isBase64Encoded": False,
    }


@dataclass
class Api:
    """A client of the function, signed in as Alice unless told otherwise, and the system behind the function."""

    handler: Callable[[dict[str, Any], Any], dict[str, Any]]
    database: sa.Engine
    parameters: FakeParameterStore
    s3: Stubber
    dynamodb: Stubber
    aws_lambda: Stubber
    voyage: Vendor
    bucket: str = BUCKET
    claims: dict[str, str] | None = field(
        default_factory=lambda: {"sub": ALICE, "token_use": "access", "client_id": CLIENT_ID}
    )

    def sign_in(self, owner: str) -> None:
        """Further requests are this student's."""
        self.claims = (self.claims or {}) | {"sub": owner}

    def request(self, method: str, path: str, body: Any = None, **query: str) -> Answer:
        text = body if isinstance(body, str | None) else json.dumps(body)
        context = SimpleNamespace(
            function_name="api",
            memory_limit_in_mb=512,
            invoked_function_arn="arn:aws:lambda:eu-central-1:123456789012:function:api:live",
            aws_request_id="invocation-1",
        )
        answer = self.handler(event(method, path, query, text, self.claims), context)
        assert answer["isBase64Encoded"] is False
        parsed = json.loads(answer["body"]) if answer.get("body") else None
        return Answer(answer["statusCode"], answer["headers"], parsed)

    def add(self, second: int, *, owner: str = ALICE, kind: str = "images", **columns: Any) -> str:
        """Adds an item that was made so many seconds after the start of 2026; its id."""
        from student_helper.database import Item

        item_id = id_at(second)
        values = {
            "filename": "page 1.jpg",
            "content_type": "image/jpeg",
            "object_key": f"uploads/{kind}/{owner}/{item_id}",
            "created_at": datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC),
        }
        with Session(self.database) as session, session.begin():
            session.add(Item(item_id=item_id, owner=owner, **values | columns))
        return str(item_id)

    def add_passage(self, item_id: str, number: int, text: str, degrees: float | None, page: int | None = None) -> None:
        """Adds a passage to an item, with a vector at an angle to that of every query, or with none yet."""
        self.execute(
            "insert into passages values (:item_id, :number, :page, :text, cast(:vector as vector))",
            item_id=item_id,
            number=number,
            page=page,
            text=text,
            vector=None if degrees is None else json.dumps(vector(degrees)),
        )

    def execute(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """Runs a statement; its rows."""
        with self.database.begin() as connection:
            result = connection.execute(sa.text(statement), values)
            return [tuple(row) for row in result] if result.returns_rows else []

    def stores(self, item_id: str, *keys: str, owner: str = ALICE) -> None:
        """S3's next answers: of all places where an item's files can be, these keys are there."""
        places = [f"uploads/{kind}/{owner}/{item_id}" for kind in ("images", "documents")]
        for prefix in (*places, f"results/{owner}/{item_id}/"):
            self.lists(prefix, *(key for key in keys if key.startswith(prefix)))

    def lists(self, prefix: str, *keys: str) -> None:
        """S3's next answer: these keys begin with a prefix."""
        contents = {"Contents": [{"Key": key} for key in keys]} if keys else {}
        self.s3.add_response("list_objects_v2", contents, {"Bucket": BUCKET, "Prefix": prefix})

    def deletes(self, *keys: str, refusal: str | None = None) -> None:
        """S3's next answer: these objects are deleted, or refused with a code."""
        answer = {} if refusal is None else {"Errors": [{"Key": key, "Code": refusal} for key in keys]}
        objects = {"Objects": [{"Key": key} for key in keys], "Quiet": True}
        self.s3.add_response("delete_objects", answer, {"Bucket": BUCKET, "Delete": objects})

    def forgets(self, item_id: str, *steps: str) -> None:
        """DynamoDB's next answers: these checkpoints of an item are there, and are deleted."""
        keys = [{"item_id": {"S": item_id}, "step": {"S": step}} for step in steps]
        self.dynamodb.add_response(
            "query",
            {"Items": keys},
            {
                "TableName": CHECKPOINTS,
                "KeyConditionExpression": "item_id = :item",
                "ExpressionAttributeValues": {":item": {"S": item_id}},
                "ProjectionExpression": "item_id, step",
                "ConsistentRead": True,
            },
        )
        for key in keys:
            self.dynamodb.add_response("delete_item", {}, {"TableName": CHECKPOINTS, "Key": key})


@contextmanager
def make_api(database: sa.Engine, store: FakeParameterStore, voyage: Vendor) -> Iterator[Api]:
    from api.handler import create_handler
    from api.settings import ApiSettings
    from api.storage import s3_client
    from student_helper.parameters import Parameters

    settings = ApiSettings.from_environment(ENVIRONMENT | {"VOYAGE_BASE_URL": f"{voyage.url}/v1"})
    parameters = Parameters.named_by(settings, cast("SSMClient", store))
    clients = s3_client(Config()), boto3.client("dynamodb"), boto3.client("lambda")
    handler = create_handler(settings, parameters, database, *clients[:2], make_lambda=lambda: clients[2])
    with Stubber(clients[0]) as s3, Stubber(clients[1]) as dynamodb, Stubber(clients[2]) as aws_lambda:
        yield Api(handler, database, store, s3, dynamodb, aws_lambda, voyage)
    for stubber in (s3, dynamodb, aws_lambda):
        stubber.assert_no_pending_responses()
