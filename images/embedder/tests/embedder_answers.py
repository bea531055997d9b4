"""What the model says."""

import base64
import struct
from typing import Any

DIMENSIONS = 1024


def vector(text: str) -> list[float]:
    """The vector of a text: another one for each length, and exact in 32 bits."""
    return [float(len(text)), *[0.25] * (DIMENSIONS - 1)]


def answer(request: Any) -> dict[str, Any]:
    """What Voyage answers: https://docs.voyageai.com/reference/embeddings-api."""
    return vectors(*[vector(text) for text in request["input"]])


def vectors(*values: list[float]) -> dict[str, Any]:
    """An answer with these vectors, in the form that the client asks for."""
    data = [
        {
            "object": "embedding",
            "index": index,
            "embedding": base64.b64encode(struct.pack(f"<{len(value)}f", *value)).decode(),
        }
        for index, value in enumerate(values)
    ]
    return {"object": "list", "data": data, "model": "voyage-test", "usage": {"total_tokens": 7}}
