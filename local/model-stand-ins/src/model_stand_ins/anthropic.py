"""Anthropic's Messages API: https://platform.claude.com/docs/en/api/messages."""

import base64
import binascii
import json
import re
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from model_stand_ins.tool_input import check_strict, tool_input
from model_stand_ins.vendor import (
    OVERLOADED,
    Answer,
    Asked,
    RefusalError,
    bearer_token,
    encoded,
    estimated_tokens,
    require,
)
from model_stand_ins.words import words_for, words_of

VERSION = "2026-10-21"
VERSION_WITH_SAMPLING = "2023-06-01"
"""The version before, in which requests could have `SAMPLING_FIELDS`: https://platform.claude.com/docs/en/api/versioning."""

MAX_PICTURE_BYTES = 5 * 1024 * 1024
"""Of its Base64 form: https://platform.claude.com/docs/en/api/errors, under request size limits for images."""

PICTURE_TOKENS = 1600
"""What a picture costs at most: https://platform.claude.com/docs/en/build-with-claude/vision."""

PICTURE_WORDS = 24
NO_WORDS = ["untitled"]

ERROR_TYPES = {
    HTTPStatus.BAD_REQUEST: "invalid_request_error",
    HTTPStatus.UNAUTHORIZED: "authentication_error",
    HTTPStatus.FORBIDDEN: "permission_error",
    HTTPStatus.NOT_FOUND: "not_found_error",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "request_too_large",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limit_error",
    HTTPStatus.INTERNAL_SERVER_ERROR: "api_error",
    OVERLOADED: "overloaded_error",
}

FIELDS = {
    "cache_control",
    "container",
    "diagnostics",
    "inference_geo",
    "max_tokens",
    "messages",
    "metadata",
    "model",
    "output_config",
    "service_tier",
    "speed",
    "stop_sequences",
    "stream",
    "system",
    "thinking",
    "tool_choice",
    "tools",
}
SAMPLING_FIELDS = {"temperature", "top_k", "top_p"}

# They always think, and who thinks cannot be forced:
# https://platform.claude.com/docs/en/models/opus-5-5/migration-guide
WITHOUT_FORCED_TOOLS = {"claude-opus-5-5", "claude-fable-5-1", "claude-mythos-5-1"}

_MAGIC: dict[str, re.Pattern[bytes]] = {
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
}
_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")


class Anthropic:
    """Describes what it is sent, by calling the tool that it is told to call."""

    def read(self, headers: Mapping[str, str], body: Any) -> Asked:
        """Finds the texts and pictures of the messages, the model and the key."""
        model = body.get("model") if isinstance(body, dict) else None
        texts, pictures = [], []
        for block in _blocks(body):
            match block:
                case {"type": "text", "text": str(text)}:
                    texts.append(text)
                case {"type": "image", "source": {"data": str(data)}}:
                    pictures.append(_decoded(data) or b"")
        return Asked(
            # The API takes both, this one first; the official client sends the other.
            key=headers.get("x-api-key", "").strip() or bearer_token(headers),
            model=model if isinstance(model, str) else None,
            texts=tuple(texts),
            pictures=tuple(pictures),
        )

    def answer(self, headers: Mapping[str, str], body: Any, asked: Asked) -> Answer:
        """Describes the pictures, or the longest text if there are none."""
        require(asked.key, "x-api-key header is required", HTTPStatus.UNAUTHORIZED)
        version = headers.get("anthropic-version")
        require(version, "anthropic-version: header is required")
        known = version in (VERSION, VERSION_WITH_SAMPLING)
        require(known, f'anthropic-version: "{version}" is not a valid version')
        _check(body, FIELDS | SAMPLING_FIELDS if version == VERSION_WITH_SAMPLING else FIELDS)

        if asked.pictures:
            chosen = words_for(b"".join(asked.pictures), PICTURE_WORDS)
            words, text = chosen[: PICTURE_WORDS // 2], " ".join(chosen[PICTURE_WORDS // 2 :])
        else:
            words, text = words_of(max(asked.texts, key=len)) or NO_WORDS, ""

        tool = _forced_tool(body)
        if tool:
            value = tool_input(tool["input_schema"], words, text)
            block: dict[str, Any] = {"type": "tool_use", "id": _id("toolu"), "name": tool["name"], "input": value}
            written, stop_reason = json.dumps(value, ensure_ascii=False), "tool_use"
        else:
            written, stop_reason = " ".join(words), "end_turn"
            block = {"type": "text", "text": written}

        output_tokens = estimated_tokens(written)
        if output_tokens > body["max_tokens"]:
            output_tokens, stop_reason = body["max_tokens"], "max_tokens"
            # The client gets what can be read of the answer so far.
            if tool:
                block["input"] = {}
            else:
                block["text"] = written[: 4 * output_tokens]
        input_tokens = sum(map(estimated_tokens, asked.texts)) + PICTURE_TOKENS * len(asked.pictures)
        return _successful(body["model"], block, stop_reason, input_tokens, output_tokens)

    def refusal(self, status: int, message: str) -> Answer:
        """An error in Anthropic's form."""
        request_id = _id("req")
        error = {"type": ERROR_TYPES[status], "message": message}
        return Answer(status, {"type": "error", "error": error, "request_id": request_id}, {"request-id": request_id})

    def with_invalid_tool_input(self, answer: Answer) -> Answer:
        """The answer, with a number for each of the tool's values."""
        content = [
            block | {"input": dict.fromkeys(block["input"], 0)} if block["type"] == "tool_use" else block
            for block in answer.body["content"]
        ]
        return Answer(answer.status, answer.body | {"content": content}, answer.headers)


def _check(body: Any, fields: set[str]) -> None:
    require(isinstance(body, dict), "Input should be a valid dictionary")
    for name in ("model", "max_tokens", "messages"):
        require(name in body, f"{name}: Field required")
    for name in body:
        require(name in fields, f"{name}: Extra inputs are not permitted")

    model, max_tokens = body["model"], body["max_tokens"]
    require(isinstance(model, str), "model: Input should be a valid string")
    require(model.startswith("claude-"), f"model: {model}", HTTPStatus.NOT_FOUND)
    require(type(max_tokens) is int, "max_tokens: Input should be a valid integer")
    require(max_tokens >= 1, "max_tokens: Input should be greater than or equal to 1")
    require(not body.get("stream"), "stream: The stand-in does not stream")
    _check_messages(body["messages"])
    _check_tools(body)


def _check_messages(messages: Any) -> None:
    require(isinstance(messages, list), "messages: Input should be a valid list")
    require(messages, "messages: at least one message is required")
    for number, message in enumerate(messages):
        place = f"messages.{number}"
        require(isinstance(message, dict), f"{place}: Input should be a valid dictionary")
        for name in ("role", "content"):
            require(name in message, f"{place}.{name}: Field required")
        for name in message:
            require(name in ("role", "content"), f"{place}.{name}: Extra inputs are not permitted")
        require(message["role"] in ("user", "assistant"), f'{place}: Unexpected role "{message["role"]}"')
        content = message["content"]
        require(isinstance(content, str | list), f"{place}.content: Input should be a valid string or list")
        require(content, f"{place}: all messages must have non-empty content")
        if isinstance(content, list):
            for index, block in enumerate(content):
                _check_block(block, f"{place}.content.{index}")
    require(messages[0]["role"] == "user", 'messages: first message must use the "user" role')


def _check_block(block: Any, place: str) -> None:
    match block:
        case {"type": "text", "text": str(text)}:
            require(text.strip(), "messages: text content blocks must contain non-whitespace text")
        case {"type": "image", "source": {"type": "base64", "media_type": str(media_type), "data": str(data)}}:
            _check_picture(media_type, data, f"{place}.image.source.base64")
        case {"type": "text" | "image"}:
            raise RefusalError(HTTPStatus.BAD_REQUEST, f"{place}: Field required, or of a wrong type")
        case _:
            raise RefusalError(HTTPStatus.BAD_REQUEST, f"{place}: Input tag should be 'text' or 'image'")


def _check_picture(media_type: str, data: str, place: str) -> None:
    known = media_type in _MAGIC
    require(known, f"{place}.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'")
    require(
        len(data) <= MAX_PICTURE_BYTES,
        f"{place}: image exceeds 5 MB maximum: {len(data)} bytes > {MAX_PICTURE_BYTES} bytes",
    )
    picture = _decoded(data)
    require(picture is not None, f"{place}.data: Invalid base64 data")
    require(picture, f"{place}.data: image cannot be empty")
    require(
        _MAGIC[media_type].match(picture or b""),
        f"{place}.data: Image does not match the provided media type {media_type}",
    )


def _check_tools(body: dict[str, Any]) -> None:
    tools = body.get("tools", [])
    require(isinstance(tools, list), "tools: Input should be a valid list")
    for number, tool in enumerate(tools):
        place = f"tools.{number}.custom"
        require(isinstance(tool, dict), f"{place}: Input should be a valid dictionary")
        name, schema = tool.get("name"), tool.get("input_schema")
        require(isinstance(name, str), f"{place}.name: Field required")
        require(_TOOL_NAME.fullmatch(str(name)), f"{place}.name: String should match pattern '^{_TOOL_NAME.pattern}$'")
        require(isinstance(schema, dict), f"{place}.input_schema: Field required")
        require((schema or {}).get("type") == "object", f"{place}.input_schema.type: Input should be 'object'")
        if tool.get("strict"):
            check_strict(schema, place)
    _check_tool_choice(body, {tool["name"] for tool in tools})


def _check_tool_choice(body: dict[str, Any], names: set[str]) -> None:
    match body.get("tool_choice"):
        case None | {"type": "auto" | "none"}:
            return
        case {"type": "any"}:
            require(names, "tool_choice: tools must be given with a forced tool choice")
        case {"type": "tool", "name": str(name)}:
            require(name in names, f"Tool '{name}' not found in provided tools")
        case _:
            message = "tool_choice: Input tag should be 'auto', 'any', 'tool' or 'none'"
            raise RefusalError(HTTPStatus.BAD_REQUEST, message)
    require(
        body["model"] not in WITHOUT_FORCED_TOOLS,
        'tool_choice: type "tool" and "any" are not supported for this model.',
    )
    thinking = body.get("thinking") or {}
    require(
        not isinstance(thinking, dict) or thinking.get("type") in (None, "disabled"),
        "Thinking may not be enabled when tool_choice forces tool use.",
    )


def _forced_tool(body: dict[str, Any]) -> dict[str, Any] | None:
    match body.get("tool_choice"):
        case {"type": "any"}:
            return dict(body["tools"][0])
        case {"type": "tool", "name": name}:
            return next(dict(tool) for tool in body["tools"] if tool["name"] == name)
    return None


def _successful(model: str, block: dict[str, Any], stop_reason: str, input_tokens: int, output_tokens: int) -> Answer:
    usage = {
        "input_tokens": input_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": output_tokens,
        "service_tier": "standard",
    }
    message = {
        "id": _id("msg"),
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [block],
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": usage,
    }
    return Answer(HTTPStatus.OK, message, {"request-id": _id("req")})


def _blocks(body: Any) -> list[Any]:
    messages = body.get("messages") if isinstance(body, dict) else None
    blocks: list[Any] = []
    for message in messages if isinstance(messages, list) else []:
        match message:
            case {"content": str(text)}:
                blocks.append({"type": "text", "text": text})
            case {"content": list(content)}:
                blocks.extend(content)
    return blocks


def _decoded(data: str) -> bytes | None:
    try:
        return base64.b64decode(encoded(data), validate=True)
    except binascii.Error:
        return None


def _id(prefix: str) -> str:
    return f"{prefix}_01{secrets.token_hex(11)}"
