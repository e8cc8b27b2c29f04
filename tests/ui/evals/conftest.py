"""A window over services whose models answer sums: one right, one that adds one, one that fails now and then."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence

import pytest
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import JsonValue, Usage
from desktop.domain.events import Finished, StreamEvent, TextDelta, UsageUpdate
from desktop.errors import PermissionDenied
from desktop.providers.provider import ChatRequest, ModelInfo
from desktop.services import Services
from desktop.text.phrases import english
from tests.ui.driver import Driver, driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes


class SumsProvider:
    """`right` gives the sum, `wrong` one more, `busy` refuses each sum whose first number is odd."""

    def __init__(self) -> None:
        self.requests: list[ChatRequest] = []
        self.served: Sequence[ModelInfo] = [ModelInfo(name=name) for name in ("right", "wrong", "busy")]

    async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        self.requests.append(request)
        asked = [int(each) for each in re.findall(r"\d+", request.messages[-1].text)]
        if request.model == "busy" and asked and asked[0] % 2:
            raise PermissionDenied(english("It broke down."))
        total = sum(asked) + (request.model == "wrong")
        yield TextDelta(text=f"Adding {' and '.join(map(str, asked))}.\n\nThe sum is {total}.")
        yield UsageUpdate(usage=Usage(input_tokens=12, output_tokens=9))
        yield Finished(reason="stop")

    async def models(self) -> Sequence[ModelInfo]:
        return self.served

    async def aclose(self) -> None:
        pass


def sums(*models: str, cases: int = 12, repeats: int = 1) -> dict[str, JsonValue]:
    """A suite of sums for some models."""
    return {
        "schema": "paragone-suite/1",
        "name": "Sums",
        "prompts": ["What is {{a}} plus {{b}}?"],
        "contenders": [{"model": f"lab/{name}"} for name in models],
        "cases": [
            {"vars": {"a": str(n), "b": str(2 * n)}, "tags": ["even" if n % 2 == 0 else "odd"],
             "graders": [{"type": "numeric", "value": str(3 * n)}]}
            for n in range(1, cases + 1)
        ],
        "repeats": repeats,
    }  # fmt: skip


@pytest.fixture
def provider() -> SumsProvider:
    """What answers on every connection."""
    return SumsProvider()


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Driver]:
    """A window over an empty store."""
    del qtbot
    async with driven(services, tasks, themes) as made:
        yield made
        leave(made)


def leave(driver: Driver) -> None:
    """Look at no run any more: what watches one would be waited for."""
    if driver.window.drawer.page is not None:
        driver.window.drawer.page.hide()
