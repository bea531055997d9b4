"""What the model is shown and says."""

from typing import Any

from testing_support.vendor import Answer

PICTURE = b"\xff\xd8 the picture that the model is shown"
DESCRIPTION: dict[str, Any] = {
    "title": "Photosynthesis",
    "description": "How plants make sugar of light.",
    "tags": ["biology", "plants"],
    "text": "6 CO2 + 6 H2O",
}


def message(stop_reason: str = "tool_use", **tool_input: Any) -> dict[str, Any]:
    """A message of the model; it uses the tool if there is something to say."""
    tool_use = {"type": "tool_use", "id": "toolu_1", "name": "describe_item", "input": tool_input}
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-test",
        "content": [tool_use] if tool_input else [],
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": {"input_tokens": 1000, "output_tokens": 100},
    }


def says(**changes: Any) -> Answer:
    """A good answer but for these fields."""
    return Answer(message(**(DESCRIPTION | changes)))
