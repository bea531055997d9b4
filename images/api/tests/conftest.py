"""The function under test: its real handler, called with API Gateway's events; AWS answers from scripts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

ALICE = "11111111-1111-4111-8111-111111111111"
BUCKET = "student-helper-test-uploads"
CLIENT_ID = "the-stacks-own-client"
ENVIRONMENT = {
    "STACK": "test",
    "PARAMETER_PREFIX": "/student-helper/test",
    "MAX_UPLOAD_BYTES": "20971520",
    "IMAGE_DIGEST": "sha256:0123",
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
    """A client of the function, signed in as Alice unless told otherwise, and what AWS will answer to it."""

    handler: Callable[[dict[str, Any], Any], dict[str, Any]]
    s3: Stubber
    ssm: Stubber
    owner: str = ALICE
    bucket: str = BUCKET
    claims: dict[str, str] | None = field(
        default_factory=lambda: {"sub": ALICE, "token_use": "access", "client_id": CLIENT_ID}
    )

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

    def stores(self, *keys: str, below: str) -> None:
        """S3's next answer: these keys are what there is below a prefix."""
        contents = {"Contents": [{"Key": key} for key in keys]} if keys else {}
        self.s3.add_response("list_objects_v2", contents, {"Bucket": BUCKET, "Prefix": below})

    def describes(self, key: str, **metadata: str) -> None:
        """S3's next answer: the head of an object."""
        head = {"ContentLength": 1234, "ContentType": "image/jpeg", "Metadata": metadata}
        self.s3.add_response("head_object", head, {"Bucket": BUCKET, "Key": key})


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_REGION", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    import api.items
    from api.handler import create_handler
    from api.settings import ApiSettings
    from api.storage import s3_client

    # One after the other, as the stub answers in its script's order.
    monkeypatch.setattr(api.items, "CONCURRENT_REQUESTS", 1)
    s3_under_test = s3_client(Config())
    ssm_under_test: SSMClient = boto3.client("ssm")
    s3, ssm = Stubber(s3_under_test), Stubber(ssm_under_test)
    # In the order in which every request asks for them.
    for name, value in (("cognito/client_id", CLIENT_ID), ("storage/bucket", BUCKET)):
        request = {"Name": f"/student-helper/test/{name}", "WithDecryption": True}
        ssm.add_response("get_parameter", {"Parameter": {"Value": value}}, request)
    with s3, ssm:
        yield Api(create_handler(ApiSettings.from_environment(), ssm_under_test, s3_under_test), s3, ssm)
    s3.assert_no_pending_responses()
