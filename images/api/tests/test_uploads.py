from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from api_client import ALICE

from api.models import ContentType
from testing_support.hostile import HostileName, hostile_names

if TYPE_CHECKING:
    from api_client import Api

NAMES = hostile_names()
KNOWN = "Accepted: filename, content_type, collection"
PHOTO = {"filename": "page 1.jpg", "content_type": "image/jpeg"}
ACCEPTED = (
    "'image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/tiff', 'application/pdf', "
    "'application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'text/plain' or 'text/markdown'"
)


def policy(fields: dict[str, str]) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(base64.b64decode(fields["policy"]))
    return decoded


def test_a_student_gets_a_form_for_one_file_under_a_key_that_the_server_made(api: Api) -> None:
    answer = api.request("POST", "/uploads", PHOTO | {"collection": "Biologie"})

    assert answer.status == 201
    assert answer.body.keys() == {"item_id", "upload"}
    assert UUID(answer.body["item_id"]).version == 7
    assert answer.body["upload"]["url"] == f"https://{api.bucket}.s3.eu-central-1.amazonaws.com/"
    fields = answer.body["upload"]["fields"]
    assert fields["key"] == f"uploads/images/{ALICE}/{answer.body['item_id']}"
    assert fields["Content-Type"] == "image/jpeg"


def test_the_form_fixes_key_type_and_size_and_nothing_else_is_open(api: Api) -> None:
    upload = api.request("POST", "/uploads", PHOTO).body

    fields = upload["upload"]["fields"]
    assert policy(fields)["conditions"] == [
        ["content-length-range", 1, 20971520],
        {"Content-Type": "image/jpeg"},
        {"bucket": api.bucket},
        {"key": f"uploads/images/{ALICE}/{upload['item_id']}"},
        {"x-amz-algorithm": "AWS4-HMAC-SHA256"},
        {"x-amz-credential": fields["x-amz-credential"]},
        {"x-amz-date": fields["x-amz-date"]},
        {"x-amz-security-token": "session"},
    ]
    assert fields.keys() == {
        *("key", "Content-Type", "policy"),
        *("x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-security-token", "x-amz-signature"),
    }


def test_the_form_is_valid_for_fifteen_minutes(api: Api) -> None:
    fields = api.request("POST", "/uploads", PHOTO).body["upload"]["fields"]

    made = datetime.strptime(fields["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    expires = datetime.fromisoformat(policy(fields)["expiration"])
    assert timedelta(minutes=15) <= expires - made <= timedelta(minutes=15, seconds=1)


def test_an_upload_is_an_item_that_waits_for_its_file(api: Api) -> None:
    upload = api.request("POST", "/uploads", PHOTO | {"collection": "Biologie"}).body

    item = api.request("GET", f"/items/{upload['item_id']}").body
    expected = PHOTO | {"collection": "Biologie", "status": "pending", "size_bytes": None}
    assert {name: item[name] for name in expected} == expected
    assert abs(datetime.now(UTC) - datetime.fromisoformat(item["created_at"])) < timedelta(minutes=1)
    assert api.execute("select owner, object_key from items") == [(ALICE, upload["upload"]["fields"]["key"])]


def test_an_item_remembers_the_request_that_it_came_from(api: Api) -> None:
    api.request("POST", "/uploads", PHOTO)

    assert api.execute("select correlation_id from items") == [("request-1",)]


def test_names_are_kept_in_one_spelling(api: Api) -> None:
    decomposed = {"filename": "U\u0308bung 😀.jpg", "collection": "E\u0301lan"}

    item_id = api.request("POST", "/uploads", PHOTO | decomposed).body["item_id"]

    item = api.request("GET", f"/items/{item_id}").body
    assert (item["filename"], item["collection"]) == ("Übung 😀.jpg", "Élan")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        pytest.param("\u1112\u1161\u11ab" * 64, "\ud55c" * 64, id="Hangul as macOS sends it"),
        pytest.param("\u09df" * 32, "\u09af\u09bc" * 32, id="Bengali"),
        pytest.param("\u03b1\u0313\u0300\u0345" * 64, "\u1f82" * 64, id="Greek with all its marks"),
    ],
)
def test_the_longest_collection_is_asked_for_as_it_was_named_and_as_it_is_kept(api: Api, sent: str, kept: str) -> None:
    upload = api.request("POST", "/uploads", PHOTO | {"collection": sent}).body

    for name in (sent, kept):
        [item] = api.request("GET", "/items", collection=name).body["items"]
        assert (item["item_id"], item["collection"], len(kept)) == (upload["item_id"], kept, 64)
        assert api.request("GET", "/search", q="x", collection=name).body == {"results": []}


@pytest.mark.parametrize("content_type", list(ContentType))
def test_every_accepted_type_gets_a_form_with_a_key_of_its_kind(api: Api, content_type: str) -> None:
    answer = api.request("POST", "/uploads", {"filename": "a", "content_type": content_type})

    kind = "images" if content_type.startswith("image/") else "documents"
    fields = answer.body["upload"]["fields"]
    assert (answer.status, fields["Content-Type"]) == (201, content_type)
    assert fields["key"] == f"uploads/{kind}/{ALICE}/{answer.body['item_id']}"
    assert {"Content-Type": content_type} in policy(fields)["conditions"]


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({"filename": "a.mov", "content_type": "video/quicktime"}, "content_type", f"Input should be {ACCEPTED}"),
        ({"filename": "a.jpg"}, "content_type", "Field required"),
        ({"content_type": "image/jpeg"}, "filename", "Field required"),
        (PHOTO | {"filename": " "}, "filename", "String should have at least 1 character"),
        (PHOTO | {"filename": 1}, "filename", "Input should be a valid string"),
        (PHOTO | {"filename": "../../secret.jpg"}, "filename", "Should be a file's name without folders"),
        (PHOTO | {"filename": "a\\b.jpg"}, "filename", "Should be a file's name without folders"),
        (PHOTO | {"filename": "a\r\nb.jpg"}, "filename", "Should have printable characters only"),
        (PHOTO | {"filename": "語" * 86}, "filename", "Should have at most 255 bytes in UTF-8"),
        (PHOTO | {"collection": ""}, "collection", "String should have at least 1 character"),
        (PHOTO | {"collection": "x" * 65}, "collection", "Should have at most 64 characters"),
        (PHOTO | {"collection": "\u09df" * 33}, "collection", "Should have at most 64 characters"),
        (PHOTO | {"collection": "x" * 257}, "collection", "Should have at most 64 characters"),
        (PHOTO | {"key": "mine", "colection": "x"}, "body", f"Unknown: colection, key. {KNOWN}"),
        (PHOTO | dict.fromkeys(["b" * 61, *"acde"]), "body", f"Unknown: a, {'b' * 60}…, c and 2 more. {KNOWN}"),
        ("{", "body", "Should be JSON: Expecting property name enclosed in double quotes"),
        ("[]", "body", "Should be a JSON object with Content-Type: application/json"),
        (None, "body", "Should be a JSON object with Content-Type: application/json"),
    ],
)  # fmt: skip
def test_a_bad_request_is_told_what_would_be_accepted(api: Api, body: object, field: str, message: str) -> None:
    answer = api.request("POST", "/uploads", body)

    assert (answer.status, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.body == {
        "type": "about:blank",
        "title": "Unprocessable Content",
        "status": 422,
        "detail": f"{field}: {message}",
        "correlation_id": "request-1",
        "errors": [{"field": field, "message": message}],
    }


@pytest.mark.parametrize("hostile", NAMES, ids=[hostile.name for hostile in NAMES])
def test_a_hostile_name_is_refused_at_once(api: Api, hostile: HostileName) -> None:
    began = time.monotonic()

    answer = api.request("POST", "/uploads", PHOTO | {"filename": hostile.filename})

    assert (answer.status, answer.body["detail"]) == (422, f"filename: {hostile.message}")
    assert api.execute("select 1 from items") == []
    assert time.monotonic() - began < 2


def test_all_that_is_wrong_is_told_at_once(api: Api) -> None:
    answer = api.request("POST", "/uploads", {"filename": "/", "collection": ""})

    assert [error["field"] for error in answer.body["errors"]] == ["filename", "content_type", "collection"]
