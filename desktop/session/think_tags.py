"""Reasoning that a model writes into its answer between `<think>` or `[THINK]` and its end, told apart; pure."""

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
"""How a sentence goes on that begins with the name of the tag, where thoughts would begin anew."""

_MAY_NAME = late_pattern(r"(?:[ \t](?:[a-z]{0,8}|(?:opening|closing|start|end) [a-z]{0,4}))?")
_MOST_HELD = 200
"""Characters of blanks after which no tag is waited for."""


class _Place(Enum):
    """Where in the answer the reader is."""

    BEFORE = auto()  # nothing but blanks came: the tag may follow
    WITHIN = auto()  # between the tags
    BEHIND = auto()  # what comes is the answer


class ThinkTags:
    """Takes an answer's text piece by piece. Only a tag that the answer begins with counts: later it is text.

    So it is where a sentence about it begins: `<think> and </think> are tags`.

    What is held back is a few characters that may be a tag, and the blanks around tags, which are dropped.
    """

    def __init__(self) -> None:
        self._place = _Place.BEFORE
        self._held = ""
        self._closing = ""
        self._trims = False

    def feed(self, text: str) -> list[TextDelta | ReasoningDelta]:
        """What a piece of text is."""
        if self._place is _Place.BEHIND and not self._trims:
            return [TextDelta(text=text)] if text else []
        self._held += text
        found: list[TextDelta | ReasoningDelta] = []
        if self._place is _Place.BEFORE:
            self._begin()
        if self._place is _Place.WITHIN:
            self._go_on(found)
        if self._place is _Place.BEHIND:
            self._answer(found)
        return found

    @property
    def is_settled(self) -> bool:
        """Whether all that still comes is the answer: nothing needs to be told apart any more."""
        return self._place is _Place.BEHIND and not self._trims and not self._held

    def finish(self) -> list[TextDelta | ReasoningDelta]:
        """What was held back, at the answer's end."""
        found: list[TextDelta | ReasoningDelta] = []
        if self._place is _Place.BEFORE:
            self._begin(ended=True)
        if self._place is _Place.WITHIN:
            self._go_on(found)
        held, self._held = self._held, ""
        if held and self._place is _Place.WITHIN:
            found.append(ReasoningDelta(text=held))
        elif held and not self._trims:
            found.append(TextDelta(text=held))
        return found

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
    """Reasoning and answer of a whole text in which the reasoning is closed and nowhere opened; else no reasoning.

    The opening tag of some models stands in the prompt's template, so that servers send what follows alone. It is a
    word of a sentence behind a blank, where no sentence ends before it.
    """
    if "</think" not in text and "[/THINK]" not in text:  # as most: looking for a pattern takes ten times as long
        return "", text
    closing = next(filter(_is_closing, _CLOSED.finditer(text)), None)
    if closing is None or _OPENED.search(text, 0, closing.start()):
        return "", text
    return text[: closing.start()].strip(), text[closing.end() :].lstrip()


def _is_closing(tag: re.Match[str]) -> bool:
    """Whether a tag at a line's end closes thoughts: a line of its own, or behind their last sentence."""
    before = tag.string[max(tag.start() - _MOST_HELD, 0) : tag.start()]
    line = before.rpartition("\n")[2]
    return not line.strip() or not line[-1].isspace() or line.rstrip().endswith(_SENTENCE_END)


def _may_begin(text: str, closing: str) -> int:
    """How many characters at a text's end may be the closing tag's beginning, and the blanks before it."""
    longest = min(len(closing) - 1, len(text))
    tag = next((size for size in range(longest, 0, -1) if text.endswith(closing[:size])), 0)
    kept = len(text) - len(text[: len(text) - tag].rstrip())
    return kept if kept <= _MOST_HELD else tag
