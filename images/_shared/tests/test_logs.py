from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from student_helper.logs import logger

if TYPE_CHECKING:
    import io


def test_a_line_has_the_level_and_the_time_by_which_lambda_tells_it_from_one_of_info(logs: io.StringIO) -> None:
    logger.error("Something failed")

    line = json.loads(logs.getvalue())
    assert line["level"] == "ERROR"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line["timestamp"])
