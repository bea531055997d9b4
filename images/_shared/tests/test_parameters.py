from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from student_helper.errors import DependencyError
from student_helper.parameters import Parameters

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

PREFIX = "/student-helper/test"
NAMES = ["storage/bucket", "anthropic/api_key"]


class Clock:
    """Takes the place of `time`: it stands still until it is put forward."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("student_helper.parameters.time", clock)
    return clock


@pytest.fixture
def client() -> SSMClient:
    return boto3.client("ssm", "eu-central-1", aws_access_key_id="test", aws_secret_access_key="test")


@pytest.fixture
def ssm(client: SSMClient) -> Stubber:
    return Stubber(client)


@pytest.fixture
def parameters(client: SSMClient) -> Parameters:
    return Parameters(PREFIX, NAMES, client)


def request(*names: str) -> dict[str, Any]:
    return {"Names": [f"{PREFIX}/{name}" for name in names], "WithDecryption": True}


def answer(values: dict[str, str], *unknown: str) -> dict[str, Any]:
    found = [{"Name": f"{PREFIX}/{name}", "Type": "SecureString", "Value": value} for name, value in values.items()]
    return {"Parameters": found} | ({"InvalidParameters": [f"{PREFIX}/{name}" for name in unknown]} if unknown else {})


def test_all_parameters_are_read_decrypted_at_once_and_only_once(ssm: Stubber, parameters: Parameters) -> None:
    # In whatever order the answer has them.
    ssm.add_response("get_parameters", answer({"anthropic/api_key": "a-key", "storage/bucket": "b"}), request(*NAMES))

    with ssm:
        assert [parameters[name] for name in NAMES * 2] == ["b", "a-key"] * 2


def test_nothing_is_read_before_it_is_needed(ssm: Stubber, parameters: Parameters) -> None:
    with ssm:
        assert parameters.names == tuple(NAMES)


def test_more_parameters_than_a_request_may_name_are_read_by_several(ssm: Stubber, client: SSMClient) -> None:
    names = [f"name/{number}" for number in range(11)]
    ssm.add_response("get_parameters", answer(dict.fromkeys(names[:10], "early")), request(*names[:10]))
    ssm.add_response("get_parameters", answer({names[10]: "late"}), request(names[10]))
    parameters = Parameters(PREFIX, names, client)

    with ssm:
        assert [parameters[name] for name in names] == ["early"] * 10 + ["late"]


def test_rotated_secrets_are_used_five_minutes_later(ssm: Stubber, parameters: Parameters, clock: Clock) -> None:
    ssm.add_response("get_parameters", answer(dict.fromkeys(NAMES, "old")), request(*NAMES))
    ssm.add_response("get_parameters", answer(dict.fromkeys(NAMES, "rotated")), request(*NAMES))

    with ssm:
        assert parameters["anthropic/api_key"] == "old"
        clock.now += 300
        assert parameters["anthropic/api_key"] == "old"
        clock.now += 1
        assert [parameters[name] for name in NAMES] == ["rotated"] * 2


def test_a_secret_that_is_reread_is_used_from_then_on(ssm: Stubber, parameters: Parameters) -> None:
    ssm.add_response("get_parameters", answer(dict.fromkeys(NAMES, "old")), request(*NAMES))
    ssm.add_response("get_parameters", answer({"anthropic/api_key": "rotated"}), request("anthropic/api_key"))

    with ssm:
        assert parameters["anthropic/api_key"] == "old"
        assert parameters.reread("anthropic/api_key") == "rotated"
        assert [parameters[name] for name in NAMES] == ["old", "rotated"]


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException"])
def test_parameters_that_cannot_be_read_are_a_failed_dependency(
    ssm: Stubber, parameters: Parameters, logs: io.StringIO, code: str
) -> None:
    ssm.add_client_error("get_parameters", code, http_status_code=400)

    with ssm, pytest.raises(DependencyError, match=r"^parameters is not available$"):
        parameters["anthropic/api_key"]

    assert '"parameters":["storage/bucket","anthropic/api_key"]' in logs.getvalue()
    assert code in logs.getvalue()


def test_a_parameter_that_does_not_exist_is_named_and_the_others_are_used(
    ssm: Stubber, parameters: Parameters, logs: io.StringIO
) -> None:
    ssm.add_response("get_parameters", answer({"storage/bucket": "b"}, "anthropic/api_key"), request(*NAMES))
    ssm.add_response("get_parameters", answer({}, "anthropic/api_key"), request("anthropic/api_key"))
    ssm.add_response("get_parameters", answer({"anthropic/api_key": "made"}), request("anthropic/api_key"))

    with ssm:
        assert parameters["storage/bucket"] == "b"
        with pytest.raises(DependencyError, match=r"^parameters is not available$"):
            parameters["anthropic/api_key"]
        assert [parameters[name] for name in NAMES] == ["b", "made"]

    assert '"A parameter does not exist"' in logs.getvalue()
    assert '"parameter":"anthropic/api_key"' in logs.getvalue()


def test_a_failure_is_not_cached(ssm: Stubber, parameters: Parameters) -> None:
    ssm.add_client_error("get_parameters", "ThrottlingException", http_status_code=400)
    ssm.add_response("get_parameters", answer(dict.fromkeys(NAMES, "a-key")), request(*NAMES))

    with ssm:
        with pytest.raises(DependencyError):
            parameters["anthropic/api_key"]
        assert parameters["anthropic/api_key"] == "a-key"


def test_a_secret_does_not_reach_the_logs(
    ssm: Stubber, parameters: Parameters, clock: Clock, logs: io.StringIO
) -> None:
    ssm.add_response("get_parameters", answer(dict.fromkeys(NAMES, "a-secret-value")), request(*NAMES))
    ssm.add_client_error("get_parameters", "ThrottlingException", http_status_code=400)

    with ssm:
        _ = parameters["anthropic/api_key"]
        clock.now += 301
        with pytest.raises(DependencyError):
            parameters["anthropic/api_key"]

    assert "ThrottlingException" in logs.getvalue()
    assert "a-secret-value" not in logs.getvalue()
