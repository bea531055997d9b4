"""Faults: rules by which requests fail, set by tests."""

import threading
from collections import Counter
from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from model_stand_ins.vendor import Asked


class Fault(StrEnum):
    """How a request fails."""

    RATE_LIMIT = "rate-limit"
    SERVER_ERROR = "server-error"
    OVERLOADED = "overloaded"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    BAD_REQUEST = "bad-request"
    TIMEOUT = "timeout"
    """The connection is held, and closed without an answer."""
    SLOW = "slow"
    """The proper answer comes late."""
    TRUNCATED = "truncated"
    """The connection is closed amid the answer."""
    MALFORMED = "malformed"
    """The answer is JSON, but not of the API's form."""
    INVALID_TOOL_INPUT = "invalid-tool-input"
    """The answer's tool input breaks the tool's schema."""
    OBEDIENT = "obedient"
    """The model does what its material says, and not what it is asked: it gives the rule's `answer`."""


WAITING = {Fault.TIMEOUT, Fault.SLOW}
OF_ANTHROPIC = {Fault.INVALID_TOOL_INPUT, Fault.OBEDIENT}
PAID = {Fault.SLOW, Fault.OBEDIENT}
"""Those with which an answer is complete."""
WITH_RETRY_AFTER = {Fault.RATE_LIMIT, Fault.SERVER_ERROR, Fault.OVERLOADED}


class RuleError(ValueError):
    """A rule is not one."""


@dataclass
class Rule:
    """Which requests fail, and how. The fields are those of the JSON that tests send."""

    vendor: str
    fault: str
    match: str | None = None
    """What the request must contain: part of a text; or the SHA-256 of a text or picture; or its key's fingerprint."""
    times: int | None = None
    """How many requests are left to fail; none for all."""
    retry_after: float | None = None
    """The seconds of the header `Retry-After`; none for no such header."""
    seconds: float | None = None
    """How long the request waits."""
    answer: dict[str, Any] | None = None
    """The parts of the answer's message that are others."""
    share: float | None = None
    """The share of requests that fail; none for all. Which ones follows from the seed, from what is asked, and from how
    often the same was asked before: not from the order in which different requests come."""
    seed: int | None = None

    @classmethod
    def parse(cls, value: Any) -> "Rule":
        """Reads a rule.

        Raises:
            RuleError: it is not one.
        """
        if not isinstance(value, dict):
            raise RuleError(f"A rule is an object, not {value!r}")
        try:
            rule = cls(**value)
            fault = Fault(rule.fault)
        except (TypeError, ValueError) as error:
            raise RuleError(f"{value}: {error}") from None
        problems = {
            "vendor must be anthropic or voyage": rule.vendor not in ("anthropic", "voyage"),
            "match must be a text that is not empty": not (rule.match is None or (_is(rule.match, str) and rule.match)),
            "times must be a whole number from 1": not (
                rule.times is None or (_is(rule.times, int) and rule.times >= 1)
            ),
            "retry_after must be a number from 0": not (rule.retry_after is None or _is_duration(rule.retry_after)),
            "seconds must be a number from 0": not (rule.seconds is None or _is_duration(rule.seconds)),
            "share must be a number above 0, up to 1": not (
                rule.share is None or (_is_duration(rule.share) and 0 < rule.share <= 1)
            ),
            "seed must be a whole number": not (rule.seed is None or _is(rule.seed, int)),
            "share and seed need each other": (rule.share is None) != (rule.seed is None),
            f"{fault} needs seconds": fault in WAITING and rule.seconds is None,
            f"{fault} takes no seconds": fault not in WAITING and rule.seconds is not None,
            f"{fault} takes no retry_after": fault not in WITH_RETRY_AFTER and rule.retry_after is not None,
            f"{fault} needs an answer": fault is Fault.OBEDIENT and not _is(rule.answer, dict),
            f"{fault} takes no answer": fault is not Fault.OBEDIENT and rule.answer is not None,
            f"{fault} is for anthropic only": fault in OF_ANTHROPIC and rule.vendor != "anthropic",
        }
        if found := [problem for problem, present in problems.items() if present]:
            raise RuleError(f"{value}: {'; '.join(found)}")
        return rule

    def applies(self, vendor: str, asked: Asked, earlier: int) -> bool:
        """Whether a request fails by this rule.

        Args:
            vendor: whom it asks.
            asked: what it asks.
            earlier: how often the same was asked before.
        """
        if vendor != self.vendor or self.times == 0:
            return False
        if self.share is not None and _drawn(self.seed, self.fault, asked.fingerprints, earlier) >= self.share:
            return False
        if self.match is None:
            return True
        return (
            any(self.match in text for text in asked.texts)
            or self.match in asked.fingerprints
            or self.match == asked.key_fingerprint
        )


class Faults:
    """The rules in force, in sets with names, so that tests that run at once do not remove each other's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: dict[str, list[Rule]] = {}
        self._asked: Counter[tuple[str, ...]] = Counter()

    def put(self, name: str, values: Any) -> None:
        """Replaces the rules of a name.

        Raises:
            RuleError: a value is no rule; nothing is replaced.
        """
        if not isinstance(values, list):
            raise RuleError("Faults are a list of rules")
        rules = [Rule.parse(value) for value in values]
        with self._lock:
            self._rules[name] = rules

    def remove(self, name: str) -> None:
        """Removes the rules of a name; all rules if it is empty."""
        with self._lock:
            if name:
                self._rules.pop(name, None)
            else:
                self._rules.clear()

    def all(self) -> dict[str, list[dict[str, Any]]]:
        """The rules of each name, as they can be put again."""
        with self._lock:
            return {
                name: [{key: value for key, value in asdict(rule).items() if value is not None} for rule in rules]
                for name, rules in self._rules.items()
            }

    def take(self, vendor: str, asked: Asked) -> Rule | None:
        """The first rule that applies to a request, which counts as one of its times."""
        question = (vendor, *asked.fingerprints)
        with self._lock:
            earlier = self._asked[question]
            self._asked[question] += 1
            for rule in (rule for rules in self._rules.values() for rule in rules):
                if rule.applies(vendor, asked, earlier):
                    if rule.times is not None:
                        rule.times -= 1
                    return rule
        return None


def _drawn(*parts: object) -> float:
    """A number from 0 to 1 that follows from the parts."""
    return int.from_bytes(blake2b(repr(parts).encode(), digest_size=8).digest(), "big") / 2**64


def _is(value: object, kind: type) -> bool:
    # JSON's true is an `int` in Python.
    return isinstance(value, kind) and not isinstance(value, bool)


def _is_duration(value: float) -> bool:
    return (_is(value, int) or _is(value, float)) and value >= 0
