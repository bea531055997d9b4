"""What tests ask of the control API, and of the vendors without their clients."""

import json
import urllib.error
import urllib.request
from typing import Any


def request(method: str, url: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    """Makes a request with a JSON body, and tells the status and the JSON of the answer."""
    content = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(url, content, headers or {}, method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(asked, timeout=10) as response:  # noqa: S310
            text = response.read()
            return response.status, json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def set_faults(address: str, *rules: dict[str, Any], name: str = "") -> None:
    """Sets the rules of a name."""
    status, answer = request("PUT", f"{address}/control/faults/{name}", list(rules))
    assert (status, answer) == (200, {})


def calls(address: str) -> list[dict[str, Any]]:
    """The requests that the vendors had."""
    status, answer = request("GET", f"{address}/control/calls")
    assert status == 200
    return list(answer)
