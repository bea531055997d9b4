"""Voyage AI's embeddings API: https://docs.voyageai.com/reference/embeddings-api."""

import base64
import struct
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from model_stand_ins.vectors import vector
from model_stand_ins.vendor import Answer, Asked, bearer_token, estimated_tokens, require

MAX_INPUTS = 1000
MAX_INPUT_TOKENS = 32_000
MAX_TOKENS = {
    "voyage-4-large": 120_000,
    "voyage-4": 320_000,
    "voyage-4-lite": 1_000_000,
    "voyage-3-large": 120_000,
    "voyage-3.5": 320_000,
    "voyage-3.5-lite": 1_000_000,
    "voyage-code-3": 120_000,
}
"""The models, and how many tokens one request may have."""

DIMENSIONS = (256, 512, 1024, 2048)
DEFAULT_DIMENSION = 1024
FIELDS = {"input", "model", "input_type", "truncation", "output_dimension", "output_dtype", "encoding_format"}


class Voyage:
    """Gives vectors for texts."""

    def read(self, headers: Mapping[str, str], body: Any) -> Asked:
        """Finds the texts, the model and the bearer token."""
        fields = body if isinstance(body, dict) else {}
        model, texts = fields.get("model"), fields.get("input")
        return Asked(
            key=bearer_token(headers),
            model=model if isinstance(model, str) else None,
            texts=tuple(text for text in (texts if isinstance(texts, list) else [texts]) if isinstance(text, str)),
        )

    def answer(self, headers: Mapping[str, str], body: Any, asked: Asked) -> Answer:  # noqa: ARG002
        """Embeds the texts."""
        require(asked.key, "Provided API key is invalid.", HTTPStatus.UNAUTHORIZED)
        _check(body)
        model, truncate = body["model"], body.get("truncation") is not False
        tokens = [estimated_tokens(text) for text in asked.texts]
        require(
            truncate or max(tokens) <= MAX_INPUT_TOKENS,
            f"Request to model '{model}' failed. An input has {max(tokens)} tokens. The model's context length is "
            f"{MAX_INPUT_TOKENS} tokens. Please shorten it or set 'truncation' to true.",
        )
        total = sum(min(count, MAX_INPUT_TOKENS) for count in tokens)
        require(
            total <= MAX_TOKENS[model],
            f"Request to model '{model}' failed. The max allowed tokens per submitted batch is {MAX_TOKENS[model]}. "
            f"Your batch has {total} tokens after truncation. Please lower the number of tokens in the batch.",
        )
        dimension = body.get("output_dimension") or DEFAULT_DIMENSION
        vectors = [vector(text, dimension) for text in asked.texts]
        data = [
            {
                "object": "embedding",
                "embedding": _base64(numbers) if body.get("encoding_format") else numbers,
                "index": index,
            }
            for index, numbers in enumerate(vectors)
        ]
        return Answer(HTTPStatus.OK, {"object": "list", "data": data, "model": model, "usage": {"total_tokens": total}})

    def refusal(self, status: int, message: str) -> Answer:
        """An error in Voyage's form."""
        return Answer(status, {"detail": message})

    def with_invalid_tool_input(self, answer: Answer) -> Answer:
        """The answer: Voyage has no tools."""
        return answer


def _check(body: Any) -> None:
    require(
        isinstance(body, dict), "The request body is not valid JSON, or some arguments were not specified properly."
    )
    for name in body:
        require(name in FIELDS, f"Argument '{name}' is not supported by our API.")
    for name in ("input", "model"):
        require(name in body, f"Argument '{name}' is required.")

    require(
        isinstance(body["model"], str) and body["model"] in MAX_TOKENS,
        f"Model {body['model']} is not supported. Supported models are {sorted(MAX_TOKENS)}.",
    )
    texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
    require(all(isinstance(text, str) for text in texts), "Argument 'input' must be a string or a list of strings.")
    require(texts and all(texts), "Input cannot contain empty strings or empty lists.")
    require(
        len(texts) <= MAX_INPUTS,
        f"The batch size limit is {MAX_INPUTS}. Your batch size is {len(texts)}. Please lower the number of inputs.",
    )
    _check_choice(body, "input_type", "query", "document")
    _check_choice(body, "truncation", True, False)
    _check_choice(body, "output_dimension", *DIMENSIONS)
    # Voyage has others, which nobody here reads.
    _check_choice(body, "output_dtype", "float")
    _check_choice(body, "encoding_format", "base64")


def _check_choice(body: dict[str, Any], name: str, *choices: object) -> None:
    value = body.get(name)
    # 1 equals True, and is no choice where that is.
    known = value is None or any(type(value) is type(choice) and value == choice for choice in choices)
    require(known, f"Value '{value}' provided in argument '{name}' is invalid. Supported values: {[None, *choices]}.")


def _base64(numbers: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()
