"""What people say in a request is found in its JSON, over each wire."""

from __future__ import annotations

import msgspec
import pytest

from desktop.domain.conversation_types import JsonValue, Role, Wire
from desktop.providers.provider import AttachedPart, ChatMessage, ChatRequest
from desktop.providers.wire.wire_format import FORMATS
from desktop.receipts.body_texts import BodyTexts, texts_of

SAID = (
    ChatMessage(role=Role.SYSTEM, text="Be short."),
    ChatMessage(role=Role.USER, text="One?"),
    ChatMessage(role=Role.ASSISTANT, text="Yes."),
    ChatMessage(
        role=Role.USER,
        text="Two?",
        attached=(AttachedPart(name="a.pdf", media_type="application/pdf", data="QUJD", text="Says it."),),
    ),
)


@pytest.mark.parametrize("wire", [Wire.CHAT, Wire.RESPONSES, Wire.MESSAGES])
def test_all_that_people_say_is_found_over_each_wire(wire: Wire) -> None:
    body = msgspec.json.encode(FORMATS[wire].body(ChatRequest(model="m", messages=SAID), {}))
    found = texts_of(body)
    assert found.texts[:2] == ("Be short.", "One?")
    assert "Two?" in found.texts[-1]
    assert "Yes." not in found.texts
    assert (found.answer, found.is_open) == ("Yes.", False)
    assert set(found.texts[-found.newest :]) <= {"a.pdf", "Two?", "Says it.\n\nTwo?"}


def test_a_begun_answer_has_the_last_word() -> None:
    body = msgspec.json.encode(FORMATS[Wire.CHAT].body(ChatRequest(model="m", messages=SAID[:3]), {}))
    assert texts_of(body)[:4] == (("Be short.", "One?"), 1, "Yes.", True)


def test_every_string_beside_messages_is_found() -> None:
    body = msgspec.json.encode({"model": "m", "stop": ["Halt"], "metadata": {"who": ["me"]}, "messages": []})
    assert set(texts_of(body).beside) == {"Halt", "metadata", "who", "me"}


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ({"input": "Just this."}, ("Just this.",)),
        ({"messages": [1, None, {"role": "user"}, {"content": [1, {"text": 2}]}]}, ()),
        ({"system": [{"type": "text", "text": "In parts."}]}, ("In parts.",)),
        ([], ("[]",)),
    ],
)
def test_other_shapes_fail_at_nothing(value: JsonValue, texts: tuple[str, ...]) -> None:
    assert texts_of(msgspec.json.encode(value)).texts == texts


def test_what_is_no_json_is_a_text_of_people() -> None:
    assert texts_of(b"{") == BodyTexts(("{",), 1)
