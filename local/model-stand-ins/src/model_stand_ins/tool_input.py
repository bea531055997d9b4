"""Input for a tool: what its JSON schema allows, made of given words."""

from typing import Any

from model_stand_ins.vendor import RefusalError, require
from model_stand_ins.words import key_words

TITLE_WORDS = 5
TAGS = 5
DESCRIPTION_WORDS = 40

STRICT_KEYWORDS: dict[str, set[str]] = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "minItems"},
    "string": {"format"},
    "integer": set(),
    "number": set(),
    "boolean": set(),
}
"""What a strict tool's schema may say of each type:
https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations"""

COMMON_KEYWORDS = {"type", "title", "description", "default", "enum", "const"}


def check_strict(schema: Any, place: str) -> None:
    """Checks the schema of a strict tool.

    Raises:
        RefusalError: it has what strict tools cannot have.
    """
    kind = str(schema.get("type")) if isinstance(schema, dict) else "None"
    require(kind in STRICT_KEYWORDS, f"{place}: Schema type '{kind}' is not supported")
    for name in schema:
        known = name in COMMON_KEYWORDS or name in STRICT_KEYWORDS[kind]
        require(known, f"{place}: For '{kind}' type, property '{name}' is not supported")
    if kind == "object":
        require(
            schema.get("additionalProperties") is False,
            f"{place}: For 'object' type, 'additionalProperties' must be explicitly set to false",
        )
        for part in schema.get("properties", {}).values():
            check_strict(part, place)
    if kind == "array":
        require(
            schema.get("minItems", 0) in (0, 1),
            f"{place}: For 'array' type, 'minItems' values other than 0 or 1 are not supported",
        )
        check_strict(schema.get("items"), place)


def tool_input(schema: dict[str, Any], words: list[str], text: str) -> Any:
    """Makes input for a tool.

    Args:
        schema: of the tool's input.
        words: those that the input is made of.
        text: the value of the property `text`.

    Raises:
        RefusalError: the schema has what this stand-in does not know.
    """
    return _value(schema, "", words, text)


def _value(schema: dict[str, Any], name: str, words: list[str], text: str) -> Any:
    match schema:
        case {"const": value}:
            return value
        case {"enum": [value, *_]}:
            return value
        case {"type": "object"}:
            return {key: _value(part, key, words, text) for key, part in schema.get("properties", {}).items()}
        case {"type": "array", "items": {"type": "string"}}:
            return key_words(words, min(TAGS, schema.get("maxItems", TAGS)))
        case {"type": "string"}:
            return _string(name, words, text)[: schema.get("maxLength")]
        case {"type": "integer" | "number"}:
            return schema.get("minimum", 0)
        case {"type": "boolean"}:
            return False
    raise RefusalError(400, f"The stand-in has no value for '{name}' of the schema {schema}")


def _string(name: str, words: list[str], text: str) -> str:
    match name:
        case "title":
            return " ".join(words[:TITLE_WORDS])
        case "text":
            return text
    return " ".join(words[:DESCRIPTION_WORDS])
