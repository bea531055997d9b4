"""The header `Retry-After`: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after."""

import math
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that a server wants to be left alone; none if it does not say, or not in a form that is known.

    Args:
        headers: of a response; its names are looked up without regard to case.
    """
    value = headers.get("retry-after")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except ValueError:
            return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None
