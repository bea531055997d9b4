"""What the model says of an item. This form is both what it is asked for and what its answer is checked against."""

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints

MAX_TAGS = 10

# Control characters but for tabs and line ends, of which PostgreSQL takes no NUL; what turns the direction of writing
# around, so that a text looks like another; and tags, which are letters that nobody sees.
_UNUSABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")

# A strict tool's schema has no lengths: the model is told of them, and may exceed them. What is too long is cut, since
# the answer is paid for. https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations


def _line(length: int) -> Callable[[object], object]:
    def clean(value: object) -> object:
        if not isinstance(value, str):
            return value
        # What is taken out may have stood between two spaces.
        return " ".join(_UNUSABLE.sub("", " ".join(value.split())).split())[:length].strip()

    return clean


def _block(length: int) -> Callable[[object], object]:
    def clean(value: object) -> object:
        return _UNUSABLE.sub("", value).strip()[:length].rstrip() if isinstance(value, str) else value

    return clean


def _tags(value: object) -> object:
    if not isinstance(value, list):
        return value
    # One of which nothing is left is no reason to do without the others.
    return [tag for tag in map(_line(40), value) if tag != ""][:MAX_TAGS]


Tag = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class Description(BaseModel):
    """The description of a student's picture or document, in the language of the material."""

    title: Annotated[
        str,
        BeforeValidator(_line(120)),
        StringConstraints(min_length=1, max_length=120),
        Field(description="A short title that tells this material from others on the same subject."),
    ]
    description: Annotated[
        str,
        BeforeValidator(_block(1000)),
        StringConstraints(min_length=1, max_length=1000),
        Field(description="What the material is about and what can be learned from it, in a few sentences."),
    ]
    tags: Annotated[
        list[Tag],
        BeforeValidator(_tags),
        Field(min_length=1, max_length=MAX_TAGS, description="Subjects, topics and kinds, the most telling first."),
    ]
    text: Annotated[
        str,
        BeforeValidator(_block(20_000)),
        StringConstraints(max_length=20_000),
        Field(
            description="The text that can be read in a picture, in reading order, formulas included. "
            "Empty for documents and for pictures without text."
        ),
    ]
