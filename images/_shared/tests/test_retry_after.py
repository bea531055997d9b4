from __future__ import annotations

import pytest

from student_helper.retry_after import retry_after

NOW = 1_445_412_400.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("1.5", 1.5),
        ("-5", 0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 80),
        ("Wed, 21 Oct 2015 07:26:00 GMT", 0),
    ],
)
def test_seconds_and_dates_are_understood(monkeypatch: pytest.MonkeyPatch, value: str, seconds: float) -> None:
    monkeypatch.setattr("student_helper.retry_after.time.time", lambda: NOW)

    assert retry_after({"retry-after": value}) == seconds


@pytest.mark.parametrize("headers", [{}, *({"retry-after": value} for value in ("", "soon", "nan", "inf", "Wed, 99"))])
def test_anything_else_says_nothing(headers: dict[str, str]) -> None:
    assert retry_after(headers) is None
