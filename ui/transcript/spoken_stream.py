"""Converts a Markdown stream into plain sentences. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Callable

from desktop.text.late_pattern import late_pattern

_END = late_pattern(r"[.!?…:][\"'”’»)\]]*\s|[。！？]|\n")
"""Pattern for the end of a sentence. A period that no whitespace follows may be part of a number."""

_AT_MOST = 400
"""Maximum number of characters that are held back until a sentence ends."""

_AT_MOST_HELD = 2_000
"""Maximum length of a formula, link or head of a table that is held back until it is complete."""

_PAIRS = (("\\(", "\\)"), ("\\[", "\\]"))
_LINK = late_pattern(r"\[[^\[\]\n]{0,400}(?:\]\([^()\n]{0,400})?\Z")
_TABLE_HEAD = late_pattern(r"(?:\A|\n\n)[^\n]{0,400}\|[^\n]{0,400}\n(?:[ \t|:-]{0,400}\n)?\Z")
"""A link that is not complete at the end of the text, and a table without any row."""

_FENCE = late_pattern(r"^ {0,3}```", re.MULTILINE)


class SpokenStream:
    """Converts a stream to plain sentences.

    For each sentence, the text since the last empty line is parsed, because markup may span several sentences.
    """

    def __init__(self, plain: Callable[[str], str] | None = None) -> None:
        self._plain = plain or str
        self._came = ""
        self._done = 0  # so many characters of what came are handed out
        self._said = ""  # as which they were

    def more(self, text: str) -> str:
        """Add text and return the sentences that are complete now."""
        self._came += text
        whole, rest = cut(self._came[self._done :])
        until = self._done + len(whole)
        held = len(whole) + len(rest)
        if not whole or (held <= _AT_MOST_HELD and _is_open(self._came[:until], most=held <= _AT_MOST)):
            return ""
        return self._hand_out(until)

    def skip(self, text: str) -> None:
        """Add text that is not to be announced."""
        self._came += text
        self._hand_out(len(self._came))

    def rest(self) -> str:
        """Return all text that was held back."""
        return self._hand_out(len(self._came))

    def _hand_out(self, until: int) -> str:
        came = self._came[:until]
        said = self._plain(came)
        new = said[len(self._said) :] if said.startswith(self._said) else self._plain(came[self._done :])
        if new and came[-1].isspace() and not new[-1].isspace():
            new += came[-1]
        self._done, self._said = until, said
        paragraph = came.rfind("\n\n") + 2
        if paragraph > 1 and not len(_FENCE.findall(came[:paragraph])) % 2:
            self._came, self._done = self._came[paragraph:], until - paragraph
            self._said = self._plain(self._came[: self._done])
        return new


def _is_open(text: str, *, most: bool) -> bool:
    """Whether the text ends inside markup that is not closed yet, or in the head of a table.

    Bold text and inline code that never end are held back for less long; `most` is whether they still are.
    """
    if len(_FENCE.findall(text)) % 2:
        return False
    if most and any(text.count(sign) % 2 for sign in ("**", "`")):
        return True
    opened = any(text.count(begin) > text.count(end) for begin, end in _PAIRS)
    return opened or text.count("$$") % 2 == 1 or bool(_LINK.search(text) or _TABLE_HEAD.search(text))


def cut(text: str) -> tuple[str, str]:
    """Split a text into complete sentences and the rest. A very long rest is split at a space."""
    end = 0
    for found in _END.finditer(text):
        end = found.end()
    rest = text[end:]
    if len(rest) > _AT_MOST:
        blank = text.rfind(" ", 0, end + _AT_MOST)
        end = blank + 1 if blank >= end else len(text)
    return text[:end], text[end:]
