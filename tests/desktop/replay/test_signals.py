"""Signals tell what an answer lost beside the incumbent's, and nothing about answers as good."""

from __future__ import annotations

import pytest

from desktop.domain.conversation_types import Figures, Message, Role, Status, new_id, now
from desktop.domain.message_parts import TextPart
from desktop.replay.language_guess import language_of
from desktop.replay.prompt_kinds import prompt_kinds
from desktop.replay.signals import Signal, signals_of

GERMAN = "Das Haus ist nicht so groß, wie es auf den Bildern aussieht, und der Garten wird von einer Mauer umgeben. "
ENGLISH = "The house is not as large as it looks in the pictures, and the garden is surrounded by a wall that is old. "
CODE = "Here it is:\n```python\ndef f(x):\n    return x\n```\n"
BROKEN = "Here it is:\n```python\ndef f(x:\n    return x\n```\n"
TABLE = "| a | b |\n|---|---|\n| 1 | 2 |\n"


def answer(text: str, reason: str = "stop") -> Message:
    return Message(
        id=new_id(),
        parent=None,
        role=Role.ASSISTANT,
        parts=(TextPart(text=text),),
        status=Status.COMPLETE,
        created_at=now(),
        figures=Figures(finish_reason=reason),
    )


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("Yes.", "No.", ()),
        ("Yes.", "  ", (Signal.EMPTY,)),
        ("Sure: done.", "I'm sorry, but I can't help with that.", (Signal.REFUSED,)),
        ("I'm sorry, I can't.", "I cannot do that.", ()),
        (GERMAN, ENGLISH, (Signal.OTHER_LANGUAGE,)),
        ('{"a": 1}', "a is 1", (Signal.JSON_LOST,)),
        (CODE, "Use the identity function.", (Signal.CODE_LOST,)),
        (CODE, BROKEN, (Signal.CODE_BROKEN,)),
        (TABLE, "a is 1, b is 2", (Signal.TABLE_LOST,)),
        (ENGLISH * 4, ENGLISH, (Signal.MUCH_SHORTER,)),
        (ENGLISH * 2, ENGLISH * 5, (Signal.MUCH_LONGER,)),
    ],
)
def test_an_answer_has_the_signals_of_what_it_lost(before: str, after: str, found: tuple[Signal, ...]) -> None:
    assert signals_of(answer(before), answer(after)) == found


def test_a_cut_answer_says_so() -> None:
    assert Signal.CUT in signals_of(answer("Yes."), answer("No", "length"))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (GERMAN, "de"),
        (ENGLISH, "en"),
        (
            "La maison n'est pas aussi grande que sur les photos et le jardin est entouré par un mur.",
            "fr",
        ),
        ("这座房子没有照片上看起来那么大，花园被一堵旧墙包围着。", "zh"),
        ("この家は写真で見るほど大きくなく、庭は古い塀に囲まれています。", "ja"),
        ("Дом не такой большой, как кажется на фотографиях, и сад окружён старой стеной.", "cyrillic"),
        ("ok", None),
        ("x = y + z * foo(bar, baz)", None),
    ],
)
def test_the_language_of_a_text_is_told_where_it_is_clear(text: str, language: str | None) -> None:
    assert language_of(text) == language


def test_kinds_of_a_prompt_are_its_tags_and_what_its_text_shows() -> None:
    assert prompt_kinds("Fix ```x```", has_files=True, tags=["work"]) == ("tag:work", "code", "attachment", "short")
    assert prompt_kinds(GERMAN * 20, has_files=False, tags=[]) == ("long", "language:de")
