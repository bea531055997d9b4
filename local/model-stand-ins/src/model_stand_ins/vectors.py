"""Vectors of texts: near each other if the texts share words, a little if they share parts of words."""

import math
import re
from collections import Counter
from functools import lru_cache
from hashlib import blake2b

_WORD = re.compile(r"\w+")

TRIGRAM_WEIGHT = 0.4
"""What a part of a word counts, next to the word: enough to bring inflections together, but not other words."""

FULL_LENGTH = 8
"""Shorter words count less: most of them are in every text of a language."""


def vector(text: str, dimension: int) -> list[float]:
    """The vector of a text, of length 1."""
    folded = text.casefold()
    counts = Counter(_WORD.findall(folded)) or Counter([folded])
    sums = [0.0] * dimension
    for word, count in counts.items():
        repeated = 1 + math.log(count)
        for number, weight in _features(word):
            sums[number % dimension] += repeated * weight
    length = math.hypot(*sums)
    return [value / length for value in sums]


# Feature hashing: https://en.wikipedia.org/wiki/Feature_hashing. The sign lets features that meet by chance cancel out.
@lru_cache(maxsize=100_000)
def _features(word: str) -> tuple[tuple[int, float], ...]:
    weight = (min(len(word), FULL_LENGTH) / FULL_LENGTH) ** 2
    framed = f"^{word}$"
    trigrams = {framed[start : start + 3] for start in range(len(framed) - 2)} - {framed}
    return (
        _hashed(f"word {word}", weight),
        *(_hashed(f"part {part}", TRIGRAM_WEIGHT * weight) for part in sorted(trigrams)),
    )


def _hashed(feature: str, weight: float) -> tuple[int, float]:
    number = int.from_bytes(blake2b(feature.encode(errors="surrogatepass"), digest_size=8).digest(), "big")
    return number >> 1, weight if number & 1 else -weight
