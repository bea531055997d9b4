"""What the server and the vendors tell each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Protocol

OVERLOADED = 529
"""A status that only Anthropic has."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer with a JSON body."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """What a request is about, read without judging the request."""

    key: str | None
    model: str | None
    texts: tuple[str, ...]
    pictures: tuple[bytes, ...] = ()

    @property
    def fingerprints(self) -> list[str]:
        """The SHA-256 of each text, then of each picture."""
        return [sha256(content).hexdigest() for content in (*map(encoded, self.texts), *self.pictures)]

    @property
    def key_fingerprint(self) -> str | None:
        """What is told of the key: the beginning of its SHA-256."""
        return sha256(encoded(self.key)).hexdigest()[:16] if self.key else None


class RefusalError(Exception):
    """The vendor refuses the request."""

    def __init__(self, status: int, message: str) -> None:
        """The HTTP status and what is wrong with the request."""
        super().__init__(message)
        self.status = status


class Vendor(Protocol):
    """One vendor's API."""

    def read(self, headers: Mapping[str, str], body: Any) -> Asked:
        """Finds what a request asks about, however malformed the request is."""

    def answer(self, headers: Mapping[str, str], body: Any, asked: Asked) -> Answer:
        """Answers a request.

        Raises:
            RefusalError: the vendor would not.
        """

    def refusal(self, status: int, message: str) -> Answer:
        """An error in the vendor's form."""

    def with_invalid_tool_input(self, answer: Answer) -> Answer:
        """The answer, with a tool input that breaks the tool's schema."""


def bearer_token(headers: Mapping[str, str]) -> str | None:
    """The token of the header `Authorization`."""
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    return (token.strip() or None) if scheme.lower() == "bearer" else None


def encoded(text: str) -> bytes:
    """Encodes any text that JSON can hold, halves of surrogate pairs too."""
    return text.encode(errors="surrogatepass")


def estimated_tokens(text: str) -> int:
    """About as many tokens as a model counts, more in scripts of which it knows fewer words."""
    return max(1, -(-len(encoded(text)) // 4))


def require(condition: object, message: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
    """Refuses the request unless the condition holds.

    Raises:
        RefusalError: it does not.
    """
    if not condition:
        raise RefusalError(status, message)
