"""Behind a router the model that answered counts; a snapshot or deployment of a named model is that model."""

from __future__ import annotations

import pytest

from desktop.domain.conversation_types import ModelRef
from desktop.domain.routers import answering_model


@pytest.mark.parametrize(
    ("requested", "reported", "answered"),
    [
        ("model-router", "gpt-5-mini-2025-08-07", "gpt-5-mini-2025-08-07"),
        ("openrouter/auto", "grok-4.3", "grok-4.3"),
        ("auto", "grok-4.3", "grok-4.3"),
        ("router", None, "router"),
        ("gpt-5", "gpt-5-2025-08-07", "gpt-5"),
        ("my-deployment", "gpt-4o", "my-deployment"),
        ("autocoder", "gpt-4o", "autocoder"),
    ],
)
def test_the_model_that_answered(requested: str, reported: str | None, answered: str) -> None:
    asked = ModelRef(connection="lab", name=requested)
    assert answering_model(asked, reported) == ModelRef(connection="lab", name=answered)
