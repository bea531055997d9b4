"""Stands in for the emulator and its web server where `aws-emulator/persistence.py` is tested.

It has one service, which holds the text NOTE and cannot load an empty one, and answers with what that has loaded and
which containers it removes when it starts.
"""

import json
import os
import signal
import sys
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

ministack = MagicMock()
sys.modules["ministack"] = ministack
sys.modules["ministack.core"] = ministack.core
sys.modules["ministack.core.responses"] = ministack.core.responses
sys.modules["ministack.services"] = ministack.services

loaded: list[dict[str, str]] = []
dropped: list[dict[str, str]] = []


def _load(state: dict[str, str]) -> None:
    loaded.append(state)
    if not state["note"]:
        raise ValueError


ministack.core.persistence.STATE_DIR = os.environ["STATE_DIR"]
ministack.app._version = lambda: os.environ["MINISTACK_VERSION"]
ministack.app._state_map = {"notes": "notes"}
ministack.app._get_module("notes").load_persisted_state = _load
ministack.core.container_reaper.INSTANCE_LABEL = "ministack.instance"
ministack.core.container_reaper._labels = lambda container: container
ministack.core.container_reaper.drop_containers = dropped.extend

application, _, _ = sys.argv[1].rpartition(":")
sys.path.insert(0, str(Path(application).parent))
import persistence  # noqa: E402, F401


def _end(*_: Any) -> None:
    ministack.app.save_all({"notes": lambda: {"note": os.environ["NOTE"]}})
    sys.exit()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps({"loaded": loaded, "dropped": dropped}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)


signal.signal(signal.SIGTERM, _end)
labels = [{"ministack": "lambda", "ministack.instance": "own"}, {"ministack": "lambda"}, {"ministack": "rds"}]
ministack.core.container_reaper.drop_containers(labels)
# As hypercorn does: it goes on without what begins with the application.
with suppress(Exception):
    ministack.app._load_persisted_state()
HTTPServer(("127.0.0.1", int(os.environ["GATEWAY_PORT"])), _Handler).serve_forever()
