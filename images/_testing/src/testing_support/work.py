"""The work of a consumer under test."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from student_helper.deadline import Deadline
    from student_helper.events import ItemAnalyzed
    from student_helper.items import Items

PRIVATE = "what a student wrote"


@dataclass
class Work:
    """The step's work: it counts how often it is done, and ends as it is told."""

    items: Items
    done: int = 0
    error: BaseException | None = None
    meanwhile: Callable[[], object] = field(default=lambda: None)
    seconds_left: float = 0

    def __call__(self, message: ItemAnalyzed, deadline: Deadline) -> None:
        """Do it once more."""
        self.items.resume(message.item_id, message.object_version)
        self.done += 1
        self.seconds_left = deadline.seconds_left()
        self.meanwhile()
        if self.error:
            raise self.error
