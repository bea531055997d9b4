import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "src"))

from model_stand_ins.server import ModelStandIns


@pytest.fixture
def stand_ins() -> Iterator[ModelStandIns]:
    """Serves on a free port."""
    with ModelStandIns(["127.0.0.1"], 0) as served:
        yield served


@pytest.fixture
def address(stand_ins: ModelStandIns) -> str:
    """Where the stand-ins are."""
    return f"http://127.0.0.1:{stand_ins.port}"
