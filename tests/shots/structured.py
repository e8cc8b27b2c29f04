"""The pictures of structured responses and tool calls of several models: fields, calls, and the schema's dialog."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from desktop.domain.comparison import Comparison, PaneState, new_comparison
from desktop.domain.conversation_types import (
    Conversation,
    Figures,
    Message,
    ModelRef,
    Role,
    Status,
    ToolChoice,
    Usage,
    new_id,
    now,
)
from desktop.domain.message_parts import Part, TextPart, ToolCallPart, ToolResultPart, ToolStatus
from desktop.session.response_schema import entered_schema
from tests.shots.compared import GPT, GROK, LLAMA
from tests.shots.pictures import picture
from tests.shots.stage import Stage

_INVOICE = "Extract the invoice: Müller GmbH, 14 November 2026, two bicycles at 849.50 each, 19% VAT included."
_SCHEMA = entered_schema(
    '{"supplier": "Müller GmbH", "date": "2026-11-14", "total": 1699.0, "currency": "EUR",'
    ' "items": [{"name": "bicycle", "quantity": 2}], "paid": false}'
).text
_JSON = {
    GROK: '{"supplier": "Müller GmbH", "date": "2026-11-14", "total": 1699, "currency": "EUR",'
    ' "items": [{"name": "bicycle", "quantity": 2}], "paid": false}',
    GPT: '```json\n{"supplier": "Müller GmbH", "date": "2026-11-14", "total": 1699.0, "currency": "EUR",'
    ' "items": [{"name": "bicycles", "quantity": 2}], "paid": false}\n```',
    LLAMA: '{"supplier": "Müller GmbH", "date": "14 November 2026", "total": "1699.00", "currency": "EUR",'
    ' "items": [{"name": "bicycle", "quantity": 2}]}',
}
_QUESTION = "What time is it in Berlin, Tokyo and New York?"


def talk(model: ModelRef, question: str, parts: Sequence[Part], schema: str = "") -> Conversation:
    """A chat of one turn."""
    calls = [part for part in parts if isinstance(part, ToolCallPart)]
    took = sum(part.duration_ms or 0.0 for part in parts if isinstance(part, ToolResultPart))
    asked = Message(
        id=new_id(),
        parent=None,
        role=Role.USER,
        parts=(TextPart(text=question),),
        status=Status.COMPLETE,
        created_at=now(),
    )
    figures = Figures(ttft_ms=420.0, duration_ms=2100.0, tokens_per_second=58.0, cost=0.0004, finish_reason="stop")
    if calls:
        figures = msgspec.structs.replace(figures, tool_calls=len(calls), tool_ms=took, rounds=2)
    told = Message(
        id=new_id(),
        parent=asked.id,
        role=Role.ASSISTANT,
        parts=tuple(parts),
        status=Status.COMPLETE,
        created_at=now(),
        model=model,
        figures=figures,
        usage=Usage(input_tokens=120, output_tokens=74),
    )
    return Conversation(
        id=new_id(),
        title=question[:40],
        model=model,
        created_at=now(),
        updated_at=now(),
        current=told.id,
        tools=ToolChoice(schema=schema),
        messages=(asked, told),
    )


def comparison(talks: Sequence[Conversation]) -> tuple[Comparison, dict[str, Conversation]]:
    """A comparison of chats."""
    states = tuple(PaneState(conversation=each.id, model=each.model, tools=each.tools) for each in talks)
    return new_comparison(states), {each.id: each for each in talks}


def invoices() -> tuple[Comparison, dict[str, Conversation]]:
    """Three models that read an invoice; one gives other types and leaves a field out."""
    return comparison([talk(model, _INVOICE, [TextPart(text=text)], _SCHEMA) for model, text in _JSON.items()])


def _called(*cities: str, shared: bool = False) -> list[Part]:
    parts: list[Part] = []
    for number, city in enumerate(cities, 1):
        server, call = "time", f"c{number}"
        parts.append(
            ToolCallPart(id=call, name="get_current_time", arguments=f'{{"timezone": "{city}"}}', server=server)
        )
        status = ToolStatus.ERROR if city == "EST" else ToolStatus.OK
        parts.append(
            ToolResultPart(
                call=call,
                status=status,
                text="unknown time zone" if status is ToolStatus.ERROR else '{"time": "17:00"}',
                duration_ms=None if shared else 210.0 + 40 * number,
                recorded=shared,
            )
        )
    return [*parts, TextPart(text="It is 9:00 in Berlin, 17:00 in Tokyo and 3:00 in New York.")]


def clocks() -> tuple[Comparison, dict[str, Conversation]]:
    """Three models that ask for the time: one leaves a city out and uses other arguments."""
    cities = ("Europe/Berlin", "Asia/Tokyo", "America/New_York")
    return comparison(
        [
            talk(GROK, _QUESTION, _called(*cities)),
            talk(GPT, _QUESTION, _called(*cities, shared=True)),
            talk(LLAMA, _QUESTION, _called("Europe/Berlin", "EST")),
        ]
    )


@picture("fields")
@picture("fields-dark", theme="dark")
@picture("fields-narrow", size=(1024, 768))
async def fields(stage: Stage) -> None:
    stage.window.workspace.show_comparison(*invoices())
    stage.window.comparing.toggle_fields()
    panel = stage.window.drawer.panel
    assert panel is not None
    await stage.settle(3)  # the schema is checked in a child process


@picture("fields-right-to-left", size=(1366, 768))
async def fields_right_to_left(stage: Stage) -> None:
    QApplication.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    await fields(stage)


@picture("tool-calls")
@picture("tool-calls-dark", theme="dark")
@picture("tool-calls-high-contrast", theme="high-contrast", size=(1366, 768))
async def tool_calls(stage: Stage) -> None:
    stage.window.workspace.show_comparison(*clocks())
    stage.window.comparing.toggle_calls()


@picture("tool-figures")
async def tool_figures(stage: Stage) -> None:
    stage.window.workspace.show_comparison(*clocks())
    stage.window.comparing.toggle_figures()


@picture("response-schema", size=(1366, 900))
@picture("response-schema-dark", theme="dark", size=(1366, 900))
async def response_schema(stage: Stage) -> None:
    stage.window.workspace.show_comparison(*invoices())
    stage.window.schemas.open()
    await stage.settle(0.5)
