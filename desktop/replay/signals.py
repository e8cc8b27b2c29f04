"""Signals of a worse answer that need no model: refused, cut, in another language, format lost. Pure functions."""

from __future__ import annotations

import ast
import re
from enum import StrEnum
from typing import NamedTuple

import msgspec

from desktop.domain.conversation_types import Message
from desktop.replay.language_guess import language_of


class Signal(StrEnum):
    """What differs for the worse from the incumbent's answer. The values are stored, so they must not change."""

    REFUSED = "refused"  # the successor declined and the incumbent did not
    EMPTY = "empty"  # no text
    CUT = "cut"  # the answer reached the output limit
    OTHER_LANGUAGE = "other_language"
    JSON_LOST = "json_lost"  # a JSON document before, none now
    CODE_LOST = "code_lost"  # a block of code before, none now
    TABLE_LOST = "table_lost"
    CODE_BROKEN = "code_broken"  # Python or JSON no longer parses
    MUCH_SHORTER = "much_shorter"  # less than half as long
    MUCH_LONGER = "much_longer"  # more than twice as long
    SOURCES_LOST = "sources_lost"  # cited pages before, none now


SHORT_RATIO, LONG_RATIO = 0.5, 2.0
_LEAST_COMPARED = 200
"""Characters from which lengths are compared."""

_REFUSAL = re.compile(
    r"^\W*(?:i(?:['’]?m| am) (?:sorry|unable|not able)|i (?:can(?:['’]?t|not)|won['’]?t|must decline)"
    r"|sorry, (?:but )?i|as an ai\b|es tut mir leid|ich kann (?:dir |ihnen )?(?:das|dabei|hierbei)? ?(?:leider )?nicht"
    r"|(?:je suis )?désolé|lo siento|mi dispiace|desculpe)",
    re.IGNORECASE,
)
_REFUSAL_LENGTH = 600
_LONGEST = 200_000


def signals_of(incumbent: Message, successor: Message) -> tuple[Signal, ...]:
    """Return the signals of a successor's answer beside the incumbent's to the same prompt."""
    before, now = incumbent.text[:_LONGEST], successor.text[:_LONGEST]
    figures = successor.figures
    if not now.strip():
        return (Signal.EMPTY,)
    checks = {
        Signal.REFUSED: is_refusal(now) and not is_refusal(before),
        Signal.CUT: figures is not None and figures.finish_reason == "length",
        Signal.OTHER_LANGUAGE: _is_other_language(before, now),
        Signal.JSON_LOST: _has_json(before) and not _has_json(now),
        Signal.CODE_LOST: bool(_blocks(before)) and not _blocks(now),
        Signal.TABLE_LOST: _has_table(before) and not _has_table(now),
        Signal.CODE_BROKEN: _is_broken(now) and not _is_broken(before),
        Signal.MUCH_SHORTER: _ratio(before, now) < SHORT_RATIO,
        Signal.MUCH_LONGER: _ratio(before, now) > LONG_RATIO,
        Signal.SOURCES_LOST: bool(incumbent.sources) and not successor.sources,
    }
    return tuple(signal for signal, is_there in checks.items() if is_there)


def is_refusal(text: str) -> bool:
    """Whether a short answer begins as models decline."""
    return len(text) <= _REFUSAL_LENGTH and _REFUSAL.match(text) is not None


def _ratio(before: str, now: str) -> float:
    return len(now) / len(before) if len(before) >= _LEAST_COMPARED else 1.0


def _is_other_language(before: str, now: str) -> bool:
    one, other = language_of(_prose(before)), language_of(_prose(now))
    return one is not None and other is not None and one != other


def _has_json(text: str) -> bool:
    """Whether an answer is, or contains in a block, a JSON object or array that parses."""
    blocks = (block.code for block in _blocks(text) if block.language in ("", "json"))
    return any(_parses_as_json(each) for each in (text, *blocks))


def _parses_as_json(text: str) -> bool:
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return False
    return True


def _is_broken(text: str) -> bool:
    """Whether a block that is named Python or JSON does not parse."""
    for block in _blocks(text):
        match block.language:
            case "python" | "py" | "python3":
                if not _parses_as_python(block.code):
                    return True
            case "json":
                if not _parses_as_json(block.code):
                    return True
            case _:
                continue
    return False


class _Block(NamedTuple):
    language: str
    code: str


def _split(text: str) -> tuple[list[_Block], list[str]]:
    """Return the closed blocks of code, and the lines outside of them. Takes time in proportion to the text."""
    blocks: list[_Block] = []
    outside: list[str] = []
    inside: list[str] = []
    fence = language = ""
    for line in text.splitlines():
        mark = line.strip()
        if fence:
            if mark.startswith(fence) and not mark.strip(fence[0]):
                blocks.append(_Block(language, "\n".join(inside)))
                fence, inside = "", []
            else:
                inside.append(line)
        elif mark.startswith(("```", "~~~")):
            fence = mark[: len(mark) - len(mark.lstrip(mark[0]))]
            language = mark[len(fence) :].strip().casefold()
        else:
            outside.append(line)
    return blocks, outside + inside  # a block that never ends is read as text


def _blocks(text: str) -> list[_Block]:
    return _split(text)[0]


def _prose(text: str) -> str:
    return "\n".join(_split(text)[1])


def _has_table(text: str) -> bool:
    """Whether a line separates the head of a Markdown table from its rows."""
    return any("-" in line and "|" in line and not line.strip("|-: \t") for line in text.splitlines())


def _parses_as_python(code: str) -> bool:
    try:
        ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
