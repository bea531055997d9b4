import re
from pathlib import Path

import pytest

IMAGES = Path(__file__).parents[2]
TOOLS = IMAGES / "_dev" / "requirements.txt"
SHARED = IMAGES / "_shared" / "requirements.txt"
LOCKS = sorted(IMAGES.glob("*/requirements.txt"))
REMEDY = "run `npx tsx local/python.ts lock`"


def pins(lock: Path) -> set[str]:
    return set(re.findall(r"^\S+==\S+", lock.read_text(), re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.parent.name)
def test_a_lock_file_pins_and_hashes_everything_and_names_no_index(lock: Path) -> None:
    lines = [line.strip() for line in lock.read_text().splitlines()]
    unexpected = [
        line for line in lines if not re.match(r"#|$|[\w.\[\]-]+==\S+ .*\\$|--hash=sha256:[0-9a-f]{64}", line)
    ]

    assert unexpected == []
    assert len(re.findall(r"\\\n    --hash", lock.read_text())) >= len(pins(lock))


@pytest.mark.parametrize("lock", [lock for lock in LOCKS if lock != TOOLS], ids=lambda lock: lock.parent.name)
def test_tests_run_with_the_versions_that_the_image_has(lock: Path) -> None:
    assert pins(lock) - pins(TOOLS) == set(), REMEDY


@pytest.mark.parametrize("lock", sorted({*LOCKS} - {TOOLS, SHARED}), ids=lambda lock: lock.parent.name)
def test_no_image_has_a_library_twice(lock: Path) -> None:
    names = [{pin.partition("==")[0] for pin in pins(file)} for file in (lock, SHARED)]

    assert names[0] & names[1] == set(), REMEDY


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.parent.name)
def test_a_lock_file_has_what_was_asked_for(lock: Path) -> None:
    wanted = re.findall(r"^[\w-]+", (lock.parent / "requirements.in").read_text(), re.MULTILINE)

    assert {name for name in wanted if not any(pin.startswith(f"{name}==") for pin in pins(lock))} == set(), REMEDY
