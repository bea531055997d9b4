"""A vendor's API on this machine, for the vendor's own client: it answers as it is told, and keeps the questions."""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What the vendor answers."""

    body: Any = None
    """Sent as JSON, unless these are bytes."""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0
    """How long it takes."""
    announced: int = 0
    """So many bytes more than are sent."""
    resets: bool = False
    """Instead of all that the connection is reset."""


@dataclass(frozen=True)
class Request:
    """What the vendor was asked."""

    path: str
    headers: dict[str, str]
    body: Any
    at: float
    """When: `time.monotonic()`."""


class Vendor:
    """The API."""

    def __init__(self, default: Callable[[Any], Any], *, keeps_connections: bool = False) -> None:
        """Answers nothing yet.

        Args:
            default: gives the body of a good answer for that of a request.
            keeps_connections: whether a connection is used again; vendors' own clients close theirs only when they end.
        """
        self.url = ""
        self.requests: list[Request] = []
        self.answers: list[Answer] = []
        """The next answers; good ones follow."""
        self.default = default
        self.keeps_connections = keeps_connections

    @contextmanager
    def running(self) -> Iterator[None]:
        """Serves while the block runs."""
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1" if self.keeps_connections else "HTTP/1.0"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                headers = {name.lower(): value for name, value in self.headers.items()}
                vendor.requests.append(Request(self.path, headers, body, time.monotonic()))
                answer = vendor.answers.pop(0) if vendor.answers else Answer(vendor.default(body))
                time.sleep(answer.seconds)
                self.close_connection = answer.resets or answer.announced > 0
                if answer.resets:
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.rfile.close()
                    self.connection.close()
                    return
                content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
                self.send_response(answer.status)
                for name, value in ({"Content-Type": "application/json"} | answer.headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content) + answer.announced))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            server.daemon_threads = True
            self.url = f"http://127.0.0.1:{server.server_port}"
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            yield
            server.shutdown()
            thread.join()
