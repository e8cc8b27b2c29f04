"""Says an answer to a screen reader while it streams, sentence by sentence."""

from __future__ import annotations

import re

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

_END = re.compile(r"[.!?…:][\"'”’»)\]]*\s|[。！？]|\n")
"""Where a sentence ends; a full stop without a blank behind it may still be part of a number."""

_AT_MOST = 400
"""Characters that are held back for the want of an end."""


class Announcer:
    """Announces what is whole; silent where no screen reader listens."""

    def __init__(self, spoken_for: QObject) -> None:
        self._spoken_for = spoken_for
        self._held = ""

    def more(self, text: str) -> None:
        """More of the answer."""
        self._held += text
        sentences, self._held = cut(self._held)
        self._say(sentences)

    def end(self) -> None:
        """The answer ended: say the rest."""
        rest, self._held = self._held, ""
        self._say(rest)

    def forget(self) -> None:
        """Another conversation is shown."""
        self._held = ""

    def _say(self, text: str) -> None:
        if text.strip() and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._spoken_for, text.strip()))


def cut(text: str) -> tuple[str, str]:
    """The whole sentences of a text, and the rest; a very long rest is handed out at a blank."""
    end = 0
    for found in _END.finditer(text):
        end = found.end()
    rest = text[end:]
    if len(rest) > _AT_MOST:
        blank = text.rfind(" ", 0, end + _AT_MOST)
        end = blank + 1 if blank >= end else len(text)
    return text[:end], text[end:]
