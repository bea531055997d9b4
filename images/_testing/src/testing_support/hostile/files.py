"""What a hostile file is."""

from collections.abc import Callable
from dataclasses import dataclass

JPEG = "image/jpeg"
PNG = "image/png"
WEBP = "image/webp"
GIF = "image/gif"
TIFF = "image/tiff"
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEXT = "text/plain"
MARKDOWN = "text/markdown"

TOO_LONG = "This file takes too long to read. Try a smaller or simpler one."


@dataclass(frozen=True)
class HostileFile:
    """A file that is made to harm, or that is not what it is said to be."""

    name: str
    """Of the case; unique."""
    content_type: str
    """As the student declares it."""
    reason: str
    """Why it is rejected."""
    make: Callable[[], bytes]
    """Its content, the same each time."""
    takes_seconds: bool = False
    """Whether a busy machine may find that it takes too long, before it is rejected for `reason`."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons for which it may be rejected."""
        return (self.reason, TOO_LONG) if self.takes_seconds else (self.reason,)

    @property
    def kind(self) -> str:
        """Which function it goes to."""
        return "images" if self.content_type.startswith("image/") else "documents"
