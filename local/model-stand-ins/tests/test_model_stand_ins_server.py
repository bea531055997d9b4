import json
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
from hashlib import sha256
from pathlib import Path

import pytest
from control import calls, request, set_faults

from model_stand_ins.server import ModelStandIns

SOURCE = Path(__file__).parent.parent / "src"
COMMAND = [sys.executable, "-m", "model_stand_ins"]


def ask(address: str, text: str) -> int:
    body = {"input": text, "model": "voyage-3.5"}
    return request("POST", f"{address}/voyage/v1/embeddings", body, {"Authorization": "Bearer key"})[0]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def test_it_says_that_it_works(address: str) -> None:
    assert request("GET", f"{address}/control/health") == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/anthropic/v1/messages"),
        ("POST", "/anthropic/v1/complete"),
        ("PUT", "/control/calls"),
        ("DELETE", "/control/health"),
    ],
)
def test_other_addresses_are_not_found(address: str, method: str, path: str) -> None:
    assert request(method, address + path, {}) == (404, {"error": "There is nothing at this address"})


def test_calls_are_in_their_order_and_forgotten_on_demand(address: str) -> None:
    statuses = [ask(address, text) for text in ("First", "", "Third")]

    listed = calls(address)
    answer = request("DELETE", f"{address}/control/calls")
    assert statuses == [200, 400, 200]
    assert [(call["texts"], call["status"], call["paid"]) for call in listed] == [
        (["First"], 200, True),
        ([""], 400, False),
        (["Third"], 200, True),
    ]
    assert answer == (204, None)
    assert calls(address) == []


def test_of_long_texts_the_beginning_is_kept_and_the_hash_of_all(address: str) -> None:
    text = "word " * 100

    ask(address, text)

    (call,) = calls(address)
    assert call["texts"] == [text[:300]]
    assert call["sha256"] == [sha256(text.encode()).hexdigest()]


def test_a_body_that_is_no_json_is_refused(address: str, stand_ins: ModelStandIns) -> None:
    content = b"POST /voyage/v1/embeddings HTTP/1.1\r\nAuthorization: Bearer key\r\nContent-Length: 1\r\n\r\n{"
    with socket.create_connection(("127.0.0.1", stand_ins.port), timeout=10) as connection:
        connection.sendall(content)
        answer = connection.recv(65536)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert calls(address)[0]["inputs"] == 0


def test_a_body_that_is_too_large_is_refused(stand_ins: ModelStandIns) -> None:
    content = b"POST /anthropic/v1/messages HTTP/1.1\r\nContent-Length: 33554433\r\n\r\n"
    with socket.create_connection(("127.0.0.1", stand_ins.port), timeout=10) as connection:
        connection.sendall(content)
        head, _, body = connection.makefile("rb").read().partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 413 ")
    assert json.loads(body)["error"]["type"] == "request_too_large"


def test_a_request_that_waits_is_listed_and_does_not_hold_up_others(address: str) -> None:
    set_faults(address, {"vendor": "voyage", "fault": "slow", "match": "Slow", "seconds": 1})
    statuses = []
    waiting = threading.Thread(target=lambda: statuses.append(ask(address, "Slow")))
    waiting.start()
    while not calls(address):
        time.sleep(0.01)

    other = ask(address, "Fast")

    assert (other, statuses) == (200, [])
    waiting.join()
    assert statuses == [200]


def test_the_end_does_not_wait_for_those_that_wait() -> None:
    before = time.monotonic()

    with ModelStandIns(["127.0.0.1"], 0) as stand_ins:
        address = f"http://127.0.0.1:{stand_ins.port}"
        set_faults(address, {"vendor": "voyage", "fault": "timeout", "seconds": 60})
        waiting = threading.Thread(target=pytest.raises, args=(OSError, ask, address, "Text"))
        waiting.start()
        while not calls(address):
            time.sleep(0.01)

    waiting.join()
    assert time.monotonic() - before < 30


def test_the_module_serves_on_all_its_addresses_until_it_is_terminated() -> None:
    port = free_port()
    arguments = ["--port", str(port), "--host", "127.0.0.1", "--host", "127.0.0.2"]
    process = subprocess.Popen([*COMMAND, *arguments], cwd=SOURCE, stderr=subprocess.PIPE, text=True)  # noqa: S603
    assert process.stderr
    first_line = process.stderr.readline()

    answers = [request("GET", f"http://{host}:{port}/control/health")[0] for host in ("127.0.0.1", "127.0.0.2")]
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)

    assert f"Listening on http://127.0.0.1:{port}, http://127.0.0.2:{port}" in first_line
    assert answers == [200, 200]
    assert process.returncode == 0
    with pytest.raises(urllib.error.URLError):
        request("GET", f"http://127.0.0.1:{port}/control/health")


def test_the_module_says_which_address_cannot_be_had(stand_ins: ModelStandIns) -> None:
    arguments = ["--port", str(stand_ins.port), "--host", "127.0.0.1"]

    done = subprocess.run(  # noqa: S603
        [*COMMAND, *arguments], cwd=SOURCE, capture_output=True, text=True, timeout=10, check=False
    )

    assert done.returncode == 1
    assert done.stderr.startswith(f"Cannot listen on port {stand_ins.port} of 127.0.0.1: ")


def test_the_module_tells_what_it_is() -> None:
    done = subprocess.run(  # noqa: S603
        [*COMMAND, "--help"], cwd=SOURCE, capture_output=True, text=True, timeout=10, check=False
    )

    assert done.returncode == 0
    assert "Stand-ins for the models' vendors" in done.stdout
    assert "--port" in done.stdout
