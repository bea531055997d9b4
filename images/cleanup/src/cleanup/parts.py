"""The cleanup: some parts that know nothing of each other."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from student_helper.deadline import Deadline
from student_helper.logs import logger


class CleanupError(Exception):
    """Some parts failed; the others have done their work."""


class Part(Protocol):
    """One kind of thing that is cleaned up."""

    def clean(self) -> Iterator[int]:
        """Cleans up what there is, in steps that take seconds at most; tells of each step how many things it was.

        It can be ended after any step, and begun again at any time.
        """


def run(parts: Mapping[str, Part], deadline: Deadline) -> dict[str, int]:
    """Runs parts one after the other, each with an equal share of the time that is left.

    Returns:
        How many things each part cleaned up, by its name.

    Raises:
        CleanupError: parts failed.
    """
    counts = dict.fromkeys(parts, 0)
    failed: list[str] = []
    for begun, (name, part) in enumerate(parts.items()):
        seconds = deadline.seconds_left()
        reserved = seconds - seconds / (len(parts) - begun)
        try:
            for count in part.clean():
                counts[name] += count
                if deadline.seconds_left() <= reserved:
                    logger.warning("A part took its whole time", extra={"part": name})
                    break
        except Exception:  # noqa: BLE001 - the other parts can do their work
            logger.exception("A part failed", extra={"part": name})
            failed.append(name)
    logger.info("Cleaned up", extra={"counts": counts})
    if failed:
        raise CleanupError(f"Failed: {', '.join(failed)}")
    return counts
