"""Lets tests import the shared package and every function's own, and read what the function logs."""

import io
import os
import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(source) for source in Path(__file__).parent.glob("*/src")]
# The logger reads it when it is imported.
os.environ["POWERTOOLS_SERVICE_NAME"] = "tests"


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the function logs from now on."""
    from student_helper.logs import logger

    stream = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", stream)
    return stream
