from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import aws_lambda_powertools.utilities.parameters.base as powertools
import boto3
import pytest
from botocore.stub import Stubber

from student_helper.errors import DependencyError
from student_helper.parameters import Parameters

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

REQUEST = {"Name": "/student-helper/test/anthropic/api_key", "WithDecryption": True}


class Clock(datetime):
    """A clock that stands still until it is put forward."""

    current = datetime(2026, 1, 1)  # noqa: DTZ001 - Powertools reckons in local time

    @classmethod
    def now(cls, _tz: object = None) -> datetime:  # type: ignore[override]
        return cls.current


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    monkeypatch.setattr(powertools, "datetime", Clock)
    monkeypatch.setattr(Clock, "current", Clock.current)
    return Clock


@pytest.fixture
def client() -> SSMClient:
    return boto3.client("ssm", "eu-central-1", aws_access_key_id="test", aws_secret_access_key="test")


@pytest.fixture
def ssm(client: SSMClient) -> Stubber:
    return Stubber(client)


@pytest.fixture
def parameters(client: SSMClient) -> Parameters:
    return Parameters("/student-helper/test", client)


def answer(value: str) -> dict[str, object]:
    return {"Parameter": {"Name": REQUEST["Name"], "Type": "SecureString", "Value": value}}


def test_a_parameter_is_read_decrypted_and_only_once(ssm: Stubber, parameters: Parameters) -> None:
    ssm.add_response("get_parameter", answer("a-key"), REQUEST)

    with ssm:
        assert [parameters["anthropic/api_key"] for _ in range(3)] == ["a-key"] * 3


def test_a_rotated_secret_is_used_five_minutes_later(ssm: Stubber, parameters: Parameters, clock: type[Clock]) -> None:
    ssm.add_response("get_parameter", answer("old"), REQUEST)
    ssm.add_response("get_parameter", answer("rotated"), REQUEST)

    with ssm:
        assert parameters["anthropic/api_key"] == "old"
        clock.current += timedelta(seconds=300)
        assert parameters["anthropic/api_key"] == "old"
        clock.current += timedelta(seconds=1)
        assert parameters["anthropic/api_key"] == "rotated"


def test_a_secret_that_is_reread_is_used_from_then_on(ssm: Stubber, parameters: Parameters) -> None:
    ssm.add_response("get_parameter", answer("old"), REQUEST)
    ssm.add_response("get_parameter", answer("rotated"), REQUEST)

    with ssm:
        assert parameters["anthropic/api_key"] == "old"
        assert parameters.reread("anthropic/api_key") == "rotated"
        assert parameters["anthropic/api_key"] == "rotated"


@pytest.mark.parametrize("code", ["ParameterNotFound", "AccessDeniedException", "ThrottlingException"])
def test_a_parameter_that_cannot_be_read_is_a_failed_dependency(
    ssm: Stubber, parameters: Parameters, logs: io.StringIO, code: str
) -> None:
    ssm.add_client_error("get_parameter", code, http_status_code=400)

    with ssm, pytest.raises(DependencyError, match=r"^parameters is not available$"):
        parameters["anthropic/api_key"]

    assert '"parameter":"anthropic/api_key"' in logs.getvalue()
    assert code in logs.getvalue()


def test_a_failure_is_not_cached(ssm: Stubber, parameters: Parameters) -> None:
    ssm.add_client_error("get_parameter", "ThrottlingException", http_status_code=400)
    ssm.add_response("get_parameter", answer("a-key"), REQUEST)

    with ssm:
        with pytest.raises(DependencyError):
            parameters["anthropic/api_key"]
        assert parameters["anthropic/api_key"] == "a-key"


def test_a_secret_does_not_reach_the_logs(
    ssm: Stubber, parameters: Parameters, clock: type[Clock], logs: io.StringIO
) -> None:
    ssm.add_response("get_parameter", answer("a-secret-value"), REQUEST)
    ssm.add_client_error("get_parameter", "ThrottlingException", http_status_code=400)

    with ssm:
        _ = parameters["anthropic/api_key"]
        clock.current += timedelta(seconds=301)
        with pytest.raises(DependencyError):
            parameters["anthropic/api_key"]

    assert "ThrottlingException" in logs.getvalue()
    assert "a-secret-value" not in logs.getvalue()
