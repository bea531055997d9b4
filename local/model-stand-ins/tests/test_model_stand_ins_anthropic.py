import base64
from collections.abc import Iterator
from typing import Any

import anthropic
import pytest
from anthropic.types import Message, ToolParam, ToolUseBlock
from control import request

TOOL: ToolParam = {
    "name": "describe_item",
    "input_schema": {
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "description": {"type": "string"},
            "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1},
            "text": {"type": "string"},
        },
        "required": ["title", "description", "tags", "text"],
        "additionalProperties": False,
    },
    "strict": True,
}
DOCUMENT = "<document>Photosynthesis turns light into sugar. Leaves do photosynthesis by day.</document>"
JPEG = b"\xff\xd8\xff\xe0 a picture"
PNG = b"\x89PNG\r\n\x1a\n a picture"


@pytest.fixture
def client(address: str) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(api_key="key", base_url=f"{address}/anthropic", max_retries=0) as client:
        yield client


def picture(content: bytes, media_type: str = "image/jpeg") -> dict[str, Any]:
    data = base64.b64encode(content).decode()
    return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": data}}


def message_with(content: Any, **changes: Any) -> dict[str, Any]:
    return {
        "model": "claude-sonnet-4-6",
        "max_tokens": 1000,
        "messages": [{"role": "user", "content": content}],
        "tools": [TOOL],
        "tool_choice": {"type": "tool", "name": "describe_item"},
    } | changes


def describe(client: anthropic.Anthropic, content: Any) -> Message:
    message = client.messages.create(**message_with(content))
    assert isinstance(message, Message)
    return message


def described(client: anthropic.Anthropic, content: Any) -> dict[str, Any]:
    block = describe(client, content).content[0]
    assert isinstance(block, ToolUseBlock)
    return block.input


def test_a_forced_tool_is_called_in_the_form_of_the_api(client: anthropic.Anthropic) -> None:
    message = describe(client, [{"type": "text", "text": DOCUMENT}])

    block = message.content[0]
    assert isinstance(block, ToolUseBlock)
    assert block.name == "describe_item"
    assert block.id.startswith("toolu_")
    assert message.id.startswith("msg_")
    assert (message.type, message.role, message.model) == ("message", "assistant", "claude-sonnet-4-6")
    assert (message.stop_reason, len(message.content)) == ("tool_use", 1)
    assert message.usage.input_tokens > 0
    assert message.usage.output_tokens > 0
    assert (message._request_id or "").startswith("req_")


def test_a_document_is_described_by_its_own_words(client: anthropic.Anthropic) -> None:
    description = described(client, [{"type": "text", "text": "Read:"}, {"type": "text", "text": DOCUMENT}])

    assert description == {
        "title": "Photosynthesis turns light into sugar",
        "description": "Photosynthesis turns light into sugar Leaves do photosynthesis by day",
        "tags": ["photosynthesis", "turns", "light", "sugar", "leaves"],
        "text": "",
    }


def test_a_document_without_words_has_a_description(client: anthropic.Anthropic) -> None:
    assert described(client, "... !")["title"] == "untitled"


def test_a_picture_has_the_same_description_every_time_and_another_one_has_another(
    client: anthropic.Anthropic,
) -> None:
    first = described(client, [picture(JPEG)])
    again = described(client, [picture(JPEG)])
    other = described(client, [picture(JPEG + b"!")])

    assert first == again
    assert first["title"] != other["title"]
    assert first["text"] != other["text"]
    assert len(first["tags"]) == len(set(first["tags"])) == 5
    assert all(first.values())


def test_who_is_not_forced_answers_with_text(client: anthropic.Anthropic) -> None:
    message = client.messages.create(
        model="claude-sonnet-4-6", max_tokens=100, messages=[{"role": "user", "content": "Light is a wave"}]
    )

    assert message.content[0].type == "text"
    assert message.content[0].text == "Light is a wave"
    assert message.stop_reason == "end_turn"


def test_an_answer_that_does_not_fit_is_cut(client: anthropic.Anthropic) -> None:
    message = client.messages.create(**message_with(DOCUMENT, max_tokens=5))

    assert message.stop_reason == "max_tokens"
    assert message.usage.output_tokens == 5
    assert message.content[0].input == {}


@pytest.mark.parametrize("headers", [{}, {"x-api-key": ""}, {"Authorization": "Bearer "}, {"Authorization": "key"}])
def test_a_key_is_required(address: str, headers: dict[str, str]) -> None:
    status, body = request(
        "POST",
        f"{address}/anthropic/v1/messages",
        message_with(DOCUMENT),
        {"anthropic-version": "2026-10-21", **headers},
    )

    assert status == 401
    assert body["type"] == "error"
    assert body["error"] == {"type": "authentication_error", "message": "x-api-key header is required"}


@pytest.mark.parametrize("headers", [{"x-api-key": "key"}, {"Authorization": "Bearer key"}])
def test_the_key_may_be_in_either_header(address: str, headers: dict[str, str]) -> None:
    headers = {"anthropic-version": "2026-10-21", **headers}

    status, body = request("POST", f"{address}/anthropic/v1/messages", message_with(DOCUMENT), headers)

    assert (status, body["stop_reason"]) == (200, "tool_use")


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({}, "anthropic-version: header is required"),
        ({"anthropic-version": "2020-01-01"}, 'anthropic-version: "2020-01-01" is not a valid version'),
    ],
)
def test_a_known_version_is_required(address: str, headers: dict[str, str], message: str) -> None:
    headers = {"x-api-key": "key", **headers}

    status, body = request("POST", f"{address}/anthropic/v1/messages", message_with(DOCUMENT), headers)

    assert (status, body["error"]) == (400, {"type": "invalid_request_error", "message": message})


def test_sampling_went_with_the_version_that_had_it(address: str) -> None:
    body = message_with(DOCUMENT, temperature=0)
    answers = {
        version: request(
            "POST", f"{address}/anthropic/v1/messages", body, {"x-api-key": "key", "anthropic-version": version}
        )
        for version in ("2023-06-01", "2026-10-21")
    }

    assert answers["2023-06-01"][0] == 200
    assert answers["2026-10-21"][0] == 400
    assert answers["2026-10-21"][1]["error"]["message"] == "temperature: Extra inputs are not permitted"


def strict(**schema: Any) -> dict[str, Any]:
    properties = {"title": schema}
    tool_schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {"tools": [{"name": "describe_item", "input_schema": tool_schema, "strict": True}]}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": 4}, "model: Input should be a valid string"),
        ({"max_tokens": 0}, "max_tokens: Input should be greater than or equal to 1"),
        ({"max_tokens": "9"}, "max_tokens: Input should be a valid integer"),
        ({"messages": []}, "messages: at least one message is required"),
        ({"extra": 1}, "extra: Extra inputs are not permitted"),
        ({"messages": [{"role": "system", "content": "x"}]}, 'messages.0: Unexpected role "system"'),
        ({"messages": [{"role": "user"}]}, "messages.0.content: Field required"),
        (
            {"messages": [{"role": "user", "content": ""}]},
            "messages.0: all messages must have non-empty content",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "text", "text": " "}]}]},
            "messages: text content blocks must contain non-whitespace text",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "video"}]}]},
            "messages.0.content.0: Input tag should be 'text' or 'image'",
        ),
        ({"tool_choice": {"type": "tool", "name": "other"}}, "Tool 'other' not found in provided tools"),
        (
            {"tools": [], "tool_choice": {"type": "any"}},
            "tool_choice: tools must be given with a forced tool choice",
        ),
        ({"tool_choice": "tool"}, "tool_choice: Input tag should be 'auto', 'any', 'tool' or 'none'"),
        (
            {"thinking": {"type": "adaptive"}},
            "Thinking may not be enabled when tool_choice forces tool use.",
        ),
        (
            {"model": "claude-opus-5-5"},
            'tool_choice: type "tool" and "any" are not supported for this model.',
        ),
        (
            {"tools": [{"name": "describe item", "input_schema": {"type": "object"}}]},
            "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
        ),
        (
            {"tools": [{"name": "describe_item", "input_schema": {"type": "string"}}]},
            "tools.0.custom.input_schema.type: Input should be 'object'",
        ),
        (
            {"tools": [{"name": "describe_item", "input_schema": {"type": "object"}, "strict": True}]},
            "tools.0.custom: For 'object' type, 'additionalProperties' must be explicitly set to false",
        ),
        (
            strict(type="string", maxLength=3),
            "tools.0.custom: For 'string' type, property 'maxLength' is not supported",
        ),
        (
            strict(type="array", items={"type": "string"}, minItems=2),
            "tools.0.custom: For 'array' type, 'minItems' values other than 0 or 1 are not supported",
        ),
    ],
)
def test_what_the_api_refuses_is_refused(client: anthropic.Anthropic, changes: dict[str, Any], message: str) -> None:
    body = message_with(DOCUMENT) | changes

    with pytest.raises(anthropic.BadRequestError) as raised:
        client.post("/v1/messages", body=body, cast_to=Message)

    assert raised.value.body == {
        "type": "error",
        "error": {"type": "invalid_request_error", "message": message},
        "request_id": raised.value.request_id,
    }


@pytest.mark.parametrize("field", ["model", "max_tokens", "messages"])
def test_fields_are_required(client: anthropic.Anthropic, field: str) -> None:
    body = message_with(DOCUMENT)
    del body[field]

    with pytest.raises(anthropic.BadRequestError, match=f"{field}: Field required"):
        client.post("/v1/messages", body=body, cast_to=Message)


def test_unknown_models_are_not_found(client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError, match="model: gpt"):
        client.messages.create(**message_with(DOCUMENT, model="gpt"))


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (picture(PNG), "data: Image does not match the provided media type image/jpeg"),
        (picture(b""), "data: image cannot be empty"),
        (picture(JPEG, "image/tiff"), "media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or"),
        (picture(JPEG + bytes(4 * 1024 * 1024)), "image exceeds 5 MB maximum: 5592424 bytes > 5242880 bytes"),
        (
            {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": "/9j/!"}},
            "data: Invalid base64 data",
        ),
        ({"type": "image", "source": {"type": "base64", "data": "/9j/"}}, "Field required, or of a wrong type"),
    ],
)
def test_what_is_no_picture_is_refused(client: anthropic.Anthropic, block: dict[str, Any], message: str) -> None:
    with pytest.raises(anthropic.BadRequestError, match=message):
        client.post("/v1/messages", body=message_with([block]), cast_to=Message)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [(JPEG, "image/jpeg"), (PNG, "image/png"), (b"GIF89a", "image/gif"), (b"RIFF\n\n\n\nWEBP", "image/webp")],
)
def test_pictures_of_these_types_are_taken(client: anthropic.Anthropic, content: bytes, media_type: str) -> None:
    assert described(client, [picture(content, media_type)])["title"]
