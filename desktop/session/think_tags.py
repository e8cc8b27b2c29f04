"""Separation of reasoning written between `<think>` or `[THINK]` tags in a response. Pure functions."""

from __future__ import annotations

import re
from enum import Enum, auto

from desktop.domain.events import ReasoningDelta, TextDelta
from desktop.text.late_pattern import late_pattern

_OPENINGS = ("<think>", "<thinking>", "[THINK]")
_NAMED = late_pattern(
    r"[ \t](?:(?:opening |closing |start |end )?tags?|blocks?|elements?|tokens?|markers?|sections?|is|are|was|and|or"
    r"|means|marks|starts|begins|opens|encloses|wraps|contains)(?![\w'’-])"
)
"""Continuation of a sentence whose subject is the tag itself, so that no reasoning begins."""

_MAY_NAME = late_pattern(r"(?:[ \t](?:[a-z]{0,8}|(?:opening|closing|start|end) [a-z]{0,4}))?")
_MOST_HELD = 200
"""Maximum whitespace characters buffered while waiting for a tag."""


class _Place(Enum):
    """Position of the parser in the response."""

    BEFORE = auto()  # nothing but blanks came: the tag may follow
    WITHIN = auto()  # between the tags
    BEHIND = auto()  # what comes is the answer


class ThinkTags:
    """Splits a streamed response into reasoning and text. Only a tag at its very beginning counts.

    A sentence about the tag is text too: `<think> and </think> are tags`. Only characters that may be part of a tag,
    and whitespace around tags, are buffered.
    """

    def __init__(self) -> None:
        self._place = _Place.BEFORE
        self._held = ""
        self._closing = ""
        self._trims = False

    def feed(self, text: str) -> list[TextDelta | ReasoningDelta]:
        """Split the next piece of text."""
        if self._place is _Place.BEHIND and not self._trims:
            return [TextDelta(text=text)] if text else []
        self._held += text
        deltas: list[TextDelta | ReasoningDelta] = []
        if self._place is _Place.BEFORE:
            self._begin()
        if self._place is _Place.WITHIN:
            self._go_on(deltas)
        if self._place is _Place.BEHIND:
            self._answer(deltas)
        return deltas

    @property
    def is_settled(self) -> bool:
        """Whether everything that follows is text."""
        return self._place is _Place.BEHIND and not self._trims and not self._held

    def finish(self) -> list[TextDelta | ReasoningDelta]:
        """Return the buffered text at the end of the response."""
        deltas: list[TextDelta | ReasoningDelta] = []
        if self._place is _Place.BEFORE:
            self._begin(ended=True)
        if self._place is _Place.WITHIN:
            self._go_on(deltas)
        held, self._held = self._held, ""
        if held and self._place is _Place.WITHIN:
            deltas.append(ReasoningDelta(text=held))
        elif held and not self._trims:
            deltas.append(TextDelta(text=held))
        return deltas

    def _begin(self, *, ended: bool = False) -> None:
        begun = self._held.lstrip()
        opening = next((each for each in _OPENINGS if begun.startswith(each)), "")
        rest = begun[len(opening) :]
        if opening and not ended and _MAY_NAME.fullmatch(rest):
            return
        if opening and _NAMED.match(rest):
            self._place = _Place.BEHIND
        elif opening:
            self._place, self._closing = _Place.WITHIN, f"{opening[0]}/{opening[1:]}"
            self._held, self._trims = rest, True
        elif len(self._held) > _MOST_HELD or (begun and not any(each.startswith(begun) for each in _OPENINGS)):
            self._place = _Place.BEHIND

    def _go_on(self, found: list[TextDelta | ReasoningDelta]) -> None:
        if self._trims:
            self._held = self._held.lstrip()
            self._trims = not self._held
        thought, closing, rest = self._held.partition(self._closing)
        if closing:
            self._place, self._held, self._trims = _Place.BEHIND, rest, True
            thought = thought.rstrip()
        else:
            kept = _may_begin(thought, self._closing)
            thought, self._held = thought[: len(thought) - kept], thought[len(thought) - kept :]
        if thought:
            found.append(ReasoningDelta(text=thought))

    def _answer(self, found: list[TextDelta | ReasoningDelta]) -> None:
        held = self._held.lstrip() if self._trims else self._held
        self._trims = self._trims and not held
        self._held = ""
        if held:
            found.append(TextDelta(text=held))


_CLOSED = late_pattern(r"(?<![`(\[:=])(?:</think(?:ing)?>|\[/THINK\])[ \t]*(?:\n|\Z)")
_OPENED = late_pattern(r"<think(?:ing)?>|\[THINK\]|^ {0,3}(?:```|~~~)", re.MULTILINE)
_SENTENCE_END = tuple(".!?…。！？)\"'”’*")


def closed_only(text: str) -> tuple[str, str]:
    """Split a complete text whose reasoning is closed but not opened; without it, return empty reasoning and the text.

    Some chat templates contain the opening tag, so servers send only what follows it. A closing tag after a space
    within a sentence is text.
    """
    if "</think" not in text and "[/THINK]" not in text:  # as most: looking for a pattern takes ten times as long
        return "", text
    closing = next(filter(_is_closing, _CLOSED.finditer(text)), None)
    if closing is None or _OPENED.search(text, 0, closing.start()):
        return "", text
    return text[: closing.start()].strip(), text[closing.end() :].lstrip()


def _is_closing(tag: re.Match[str]) -> bool:
    """Whether a tag at the end of a line closes reasoning: it is alone on its line or follows a finished sentence."""
    before = tag.string[max(tag.start() - _MOST_HELD, 0) : tag.start()]
    line = before.rpartition("\n")[2]
    return not line.strip() or not line[-1].isspace() or line.rstrip().endswith(_SENTENCE_END)


def _may_begin(text: str, closing: str) -> int:
    """Return the number of trailing characters that may begin the closing tag, including whitespace before it."""
    longest = min(len(closing) - 1, len(text))
    tag = next((size for size in range(longest, 0, -1) if text.endswith(closing[:size])), 0)
    kept = len(text) - len(text[: len(text) - tag].rstrip())
    return kept if kept <= _MOST_HELD else tag
