import io
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from student_helper.deadline import MARGIN_SECONDS, Deadline
from student_helper.errors import RefusedError, RetryLaterError
from student_helper.vendors import ATTEMPTS, VendorError, call_vendor, with_current_key
from testing_support.aws import Context

LONGEST_SECONDS = 60


@dataclass
class Clock:
    """A time that passes when somebody sleeps."""

    left: float
    """The seconds that are left for the work."""
    sleeps: list[float] = field(default_factory=list)

    def get_remaining_time_in_millis(self) -> int:
        return int((self.left + MARGIN_SECONDS) * 1000)

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.left -= seconds


@dataclass
class Vendor:
    """Answers as it is told, and keeps the time that each request was given."""

    clock: Clock
    answers: list[VendorError | str]
    given: list[float] = field(default_factory=list)
    takes: float = 0

    def request(self, seconds: float) -> str:
        self.given.append(seconds)
        self.clock.left -= self.takes
        answer = self.answers[len(self.given) - 1]
        if isinstance(answer, VendorError):
            raise answer
        return answer


def call(vendor: Vendor) -> str:
    deadline = Deadline(vendor.clock)  # type: ignore[arg-type] # all that it reads of a context
    return call_vendor("anthropic", vendor.request, deadline, LONGEST_SECONDS, vendor.clock.sleep)


def test_an_answer_is_returned_at_once() -> None:
    vendor = Vendor(Clock(100), ["answer"])

    assert call(vendor) == "answer"
    assert (vendor.given, vendor.clock.sleeps) == ([LONGEST_SECONDS], [])


def test_a_request_is_given_no_more_time_than_is_left() -> None:
    vendor = Vendor(Clock(20), [VendorError(None), "answer"], takes=7)

    call(vendor)

    assert vendor.given == [20, pytest.approx(13 - vendor.clock.sleeps[0], abs=0.01)]


@pytest.mark.parametrize(("left", "requests"), [(62 + 60, 2), (59.9 + 60, 1)])
def test_a_request_that_ran_out_of_time_is_repeated_if_as_much_is_left(left: float, requests: int) -> None:
    vendor = Vendor(Clock(left), [VendorError(None)] * ATTEMPTS, takes=LONGEST_SECONDS)

    with pytest.raises(RetryLaterError):
        call(vendor)

    assert vendor.given == [LONGEST_SECONDS] * requests


@pytest.mark.parametrize("status", [None, 408, 409, 429, 500, 502, 503, 504, 529])
def test_what_may_pass_is_tried_again_after_growing_waits(status: int | None) -> None:
    vendor = Vendor(Clock(100), [VendorError(status), VendorError(status), "answer"])

    assert call(vendor) == "answer"
    first, second = vendor.clock.sleeps
    assert 0.5 <= first <= 1
    assert 1 <= second <= 2


def test_what_does_not_pass_goes_back_to_the_queue() -> None:
    vendor = Vendor(Clock(100), [VendorError(529)] * ATTEMPTS)

    with pytest.raises(RetryLaterError) as raised:
        call(vendor)

    assert (raised.value.dependency, raised.value.seconds) == ("anthropic", None)
    assert len(vendor.given) == ATTEMPTS


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_what_is_refused_is_not_tried_again(status: int, logs: io.StringIO) -> None:
    vendor = Vendor(Clock(100), [VendorError(status, retry_after=1)])

    with pytest.raises(RefusedError, match=f"^anthropic refused the request with status {status}$"):
        call(vendor)

    assert len(vendor.given) == 1
    assert f'"status":{status}' in logs.getvalue()


@pytest.mark.parametrize("seconds", [3, 7.5, 90])
def test_retry_after_is_waited_for(seconds: float) -> None:
    vendor = Vendor(Clock(100), [VendorError(429, retry_after=seconds), "answer"])

    assert call(vendor) == "answer"
    assert vendor.clock.sleeps == [seconds]


def test_a_short_retry_after_does_not_shorten_the_wait() -> None:
    vendor = Vendor(Clock(100), [VendorError(429, retry_after=0), "answer"])

    call(vendor)

    assert vendor.clock.sleeps[0] >= 0.5


@pytest.mark.parametrize(("left", "seconds"), [(100, 96), (10, 6), (100, 3600)])
def test_a_retry_after_that_does_not_fit_goes_back_to_the_queue_at_once(left: float, seconds: float) -> None:
    vendor = Vendor(Clock(left), [VendorError(429, retry_after=seconds)])

    with pytest.raises(RetryLaterError) as raised:
        call(vendor)

    assert raised.value.seconds == seconds
    assert vendor.clock.sleeps == []


def test_the_retry_after_of_the_last_attempt_goes_back_to_the_queue() -> None:
    vendor = Vendor(Clock(100), [VendorError(429), VendorError(429), VendorError(429, retry_after=4)])

    with pytest.raises(RetryLaterError) as raised:
        call(vendor)

    assert raised.value.seconds == 4


def test_a_request_is_not_begun_that_could_not_end() -> None:
    vendor = Vendor(Clock(4.9), ["answer"])

    with pytest.raises(RetryLaterError):
        call(vendor)

    assert vendor.given == []


def test_some_time_is_kept_for_what_follows_the_work() -> None:
    assert Deadline(Context(10)).seconds_left() == 10 - MARGIN_SECONDS  # type: ignore[arg-type]
    assert Deadline(Context(1)).seconds_left() == 0  # type: ignore[arg-type]


def keys(*accepted: str, status: int = 401) -> Callable[[str], str]:
    def request(key: str) -> str:
        if key not in accepted:
            raise VendorError(status)
        return f"answer to {key}"

    return request


def test_a_key_that_is_accepted_is_not_read_again() -> None:
    assert with_current_key(lambda: "key", lambda: pytest.fail("read again"), keys("key")) == "answer to key"


def test_a_rotated_key_is_used_at_once() -> None:
    assert with_current_key(lambda: "old", lambda: "new", keys("new")) == "answer to new"


def test_a_key_that_was_not_rotated_is_not_tried_again() -> None:
    tried: list[str] = []

    def request(key: str) -> str:
        tried.append(key)
        raise VendorError(401)

    with pytest.raises(VendorError):
        with_current_key(lambda: "key", lambda: "key", request)
    assert tried == ["key"]


def test_a_key_is_not_read_again_for_another_error() -> None:
    with pytest.raises(VendorError, match="status 403"):
        with_current_key(lambda: "key", lambda: pytest.fail("read again"), keys(status=403))
