"""What holds for whatever the vectors' vendor answers."""

from __future__ import annotations

import base64
import math
import struct
from typing import TYPE_CHECKING, Any

from embedder_answers import DIMENSIONS, vector, vectors
from hypothesis import example, given
from hypothesis import strategies as st

from testing_support.rows import add_item
from testing_support.vendor import Answer

if TYPE_CHECKING:
    from conftest import Embedder

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=8,
)
NUMBERS = st.floats(width=32) | st.just(0.0)
VECTORS = st.builds(
    lambda number, count: struct.pack(f"<{count}f", *[number] * count),
    NUMBERS,
    st.sampled_from([0, 1, 512, DIMENSIONS]),
)
ENTRIES = st.fixed_dictionaries(
    {"object": st.just("embedding"), "index": st.integers(-1, 3) | JSON},
    optional={"embedding": VECTORS.map(lambda content: base64.b64encode(content).decode()) | JSON},
)


@given(body=st.binary() | JSON | st.lists(ENTRIES, max_size=3).map(lambda data: vectors(vector("a")) | {"data": data}))
@example(body=vectors(vector("Water moves.")))
@example(body=vectors([0.0] * DIMENSIONS))
def test_any_answer_is_a_vector_of_numbers_or_asked_for_again(embedder: Embedder, body: Any) -> None:
    item_id = add_item(embedder.database, "Water moves.", title="Water")
    # There is not enough time for a second request.
    embedder.voyage.answers = [Answer(body)]

    done = embedder.receive("ItemAnalyzed", item_id, seconds=8.3)

    [stored] = embedder.vectors(item_id)
    status, _ = embedder.status(item_id)
    assert (done, status) == ((False, "processing") if stored is None else (True, "ready"))
    assert embedder.queue.dead_letters == []
    if stored is not None:
        assert len(stored) == DIMENSIONS
        assert 0 < math.hypot(*stored) < math.inf
