"""The HTTP server.

POST   /anthropic/v1/messages   Anthropic's Messages API
POST   /voyage/v1/embeddings    Voyage AI's embeddings API
GET    /control/health          {"status": "ok"}
PUT    /control/faults/NAME     sets the rules of this name (see `model_stand_ins.faults`); the name can be left out
GET    /control/faults          the rules by name, with the times that are left
DELETE /control/faults/NAME     removes the rules of this name; without a name, all
GET    /control/calls           the requests that the vendors had (see `model_stand_ins.calls`)
DELETE /control/calls           forgets them
"""

import json
import logging
import socketserver
import sys
import threading
from collections.abc import Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from model_stand_ins.anthropic import Anthropic
from model_stand_ins.calls import Calls
from model_stand_ins.faults import Fault, Faults, Rule, RuleError
from model_stand_ins.vendor import OVERLOADED, Answer, RefusalError, Vendor
from model_stand_ins.voyage import Voyage

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 32 * 1024 * 1024
"""Anthropic's limit; nothing here sends as much to Voyage."""

MALFORMED = {"unexpected": "This is not the form of the API's answers."}

STATUSES = {
    Fault.RATE_LIMIT: HTTPStatus.TOO_MANY_REQUESTS,
    Fault.SERVER_ERROR: HTTPStatus.INTERNAL_SERVER_ERROR,
    Fault.UNAUTHORIZED: HTTPStatus.UNAUTHORIZED,
    Fault.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Fault.BAD_REQUEST: HTTPStatus.BAD_REQUEST,
}
OVERLOADED_STATUSES = {"anthropic": OVERLOADED, "voyage": HTTPStatus.SERVICE_UNAVAILABLE}
VENDORS: dict[str, tuple[str, Vendor]] = {
    "/anthropic/v1/messages": ("anthropic", Anthropic()),
    "/voyage/v1/embeddings": ("voyage", Voyage()),
}


class ModelStandIns:
    """All stand-ins, on one port of one or more addresses of this machine."""

    def __init__(self, hosts: Sequence[str], port: int) -> None:
        """Takes the addresses.

        Args:
            hosts: the addresses.
            port: the port; 0 for any free one, with one host only.

        Raises:
            OSError: an address cannot be had.
        """
        self.faults = Faults()
        self.calls = Calls()
        self.stopped = threading.Event()
        self._servers: list[_Server] = []
        try:
            for host in hosts:
                self._servers.append(_Server((host, port), self))
        except OSError:
            self._close()
            raise

    @property
    def port(self) -> int:
        """The port."""
        return int(self._servers[0].server_address[1])

    def __enter__(self) -> Self:
        """Serves in threads of its own."""
        for server in self._servers:
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Ends, also what waits."""
        self.stopped.set()
        for server in self._servers:
            server.shutdown()
        self._close()

    def _close(self) -> None:
        for server in self._servers:
            server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], stand_ins: ModelStandIns) -> None:
        self.stand_ins = stand_ins
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Clients that do not wait for their answer are what many tests are about.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def do_GET(self) -> None:
        """Answers questions of tests."""
        stand_ins = self.server.stand_ins
        match self._path():
            case "/control/health":
                self._send(Answer(HTTPStatus.OK, {"status": "ok"}))
            case "/control/faults":
                self._send(Answer(HTTPStatus.OK, stand_ins.faults.all()))
            case "/control/calls":
                self._send(Answer(HTTPStatus.OK, stand_ins.calls.all()))
            case _:
                self._send(_NOT_FOUND)

    def do_PUT(self) -> None:
        """Sets faults."""
        body = self._read()
        name = self._fault_set()
        if name is None:
            self._send(_NOT_FOUND)
            return
        try:
            self.server.stand_ins.faults.put(name, _parsed(body))
        except RuleError as error:
            self._send(Answer(HTTPStatus.BAD_REQUEST, {"error": str(error)}))
        else:
            self._send(Answer(HTTPStatus.OK, {}))

    def do_DELETE(self) -> None:
        """Removes faults or calls."""
        stand_ins = self.server.stand_ins
        name = self._fault_set()
        if name is not None:
            stand_ins.faults.remove(name)
        elif self._path() == "/control/calls":
            stand_ins.calls.clear()
        else:
            self._send(_NOT_FOUND)
            return
        self._send(Answer(HTTPStatus.NO_CONTENT, None))

    def do_POST(self) -> None:
        """Asks a vendor."""
        body = self._read()
        if self._path() not in VENDORS:
            self._send(_NOT_FOUND)
            return
        name, vendor = VENDORS[self._path()]
        if body is None:
            self._send(vendor.refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Request exceeds the maximum size"))
            return
        parsed = _parsed(body)
        stand_ins = self.server.stand_ins
        asked = vendor.read(_headers(self), parsed)
        rule = stand_ins.faults.take(name, asked)
        fault = Fault(rule.fault) if rule else None

        status = _status(name, fault)
        if rule and status:
            answer = vendor.refusal(status, f"A test wants this: {fault}")
            answer = Answer(status, answer.body, {**answer.headers, **_retry_after(rule)})
        else:
            try:
                answer = vendor.answer(_headers(self), parsed, asked)
            except RefusalError as error:
                answer = vendor.refusal(error.status, str(error))
        # Before the answer: who has it can count on being listed.
        stand_ins.calls.add(name, asked, None if fault is Fault.TIMEOUT else answer.status, fault)
        logger.info("%s answers %s%s", name, answer.status, f" but for {fault}" if fault else "")

        if rule and rule.seconds is not None:
            stand_ins.stopped.wait(rule.seconds)
        self._send_with_fault(vendor, answer, rule, fault)

    def _send_with_fault(self, vendor: Vendor, answer: Answer, rule: Rule | None, fault: Fault | None) -> None:
        # A request that the vendor refuses is no better for a fault of the answer.
        succeeded = answer.status == HTTPStatus.OK
        if fault is Fault.TIMEOUT:
            self.close_connection = True
        elif fault is Fault.TRUNCATED and succeeded:
            self._send(answer, truncated=True)
        elif fault is Fault.MALFORMED and succeeded:
            self._send(Answer(answer.status, MALFORMED, answer.headers))
        elif rule and rule.answer is not None and succeeded:
            self._send(Answer(answer.status, answer.body | rule.answer, answer.headers))
        elif fault is Fault.INVALID_TOOL_INPUT and succeeded:
            self._send(vendor.with_invalid_tool_input(answer))
        else:
            self._send(answer)

    def _send(self, answer: Answer, *, truncated: bool = False) -> None:
        content = b"" if answer.body is None else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if content:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
        if truncated:
            content = content[: len(content) // 2]
            self.close_connection = True
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def _read(self) -> bytes | None:
        # The clients of both vendors say how long a body is.
        length = int(self.headers.get("Content-Length", 0))
        if length > MAX_BODY_BYTES:
            self.close_connection = True
            return None
        return self.rfile.read(length)

    def _path(self) -> str:
        return urlsplit(self.path).path

    def _fault_set(self) -> str | None:
        first, _, name = self._path().removeprefix("/control/").partition("/")
        return unquote(name) if first == "faults" and self._path().startswith("/control/") else None

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Logs nothing for each answer: what vendors answer is logged above."""


_NOT_FOUND = Answer(HTTPStatus.NOT_FOUND, {"error": "There is nothing at this address"})


def _status(vendor: str, fault: Fault | None) -> int | None:
    if fault is Fault.OVERLOADED:
        return OVERLOADED_STATUSES[vendor]
    return STATUSES.get(fault) if fault else None


def _retry_after(rule: Rule) -> dict[str, str]:
    return {} if rule.retry_after is None else {"Retry-After": f"{rule.retry_after:g}"}


def _headers(handler: BaseHTTPRequestHandler) -> Any:
    # The type is that of e-mails, whose values may be other things than texts; names are found in any case.
    return handler.headers


def _parsed(body: bytes | None) -> Any:
    try:
        return json.loads(body or b"")
    except ValueError:
        return None
