"""The function under test, and a clock that nobody waits for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from canary_function import FakeCloudWatch, FakeLambda, Function


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> Function:
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_REGION", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    from canary.handler import create_handler

    aws_lambda: Any = FakeLambda()
    cloudwatch: Any = FakeCloudWatch()
    tested = Function(aws_lambda, cloudwatch, create_handler(aws_lambda, cloudwatch, "student-helper-test"))

    def sleep(seconds: float) -> None:
        before = sum(tested.slept)
        tested.slept.append(seconds)
        if before < 60 <= sum(tested.slept):
            tested.meanwhile()

    clock = SimpleNamespace(sleep=sleep, monotonic=lambda: sum(tested.slept))
    monkeypatch.setattr("canary.rollout.time", clock)
    return tested
