"""How large prompts and answers grow, and how many notices of one answer are passed on."""

from __future__ import annotations

from desktop.domain.conversation_types import LONGEST_SYSTEM, MOST_MESSAGE_BYTES
from desktop.domain.events import Notice
from desktop.errors import AnswerTooLarge, UsageError
from desktop.text.phrases import counted, phrase

MOST_NOTICES = 10
"""Distinct notices of an answer that are passed on; the others are counted."""

_MOST_COMPARED = 1_000  # notices that are remembered to tell whether one was there before


def require_prompt(text: str, system: str) -> None:
    """Go on where a prompt and a system prompt are as large as what may be kept. Raises UsageError."""
    if len(system) > LONGEST_SYSTEM:
        raise UsageError(phrase("The system prompt is larger than {most} MB.", most=LONGEST_SYSTEM >> 20))
    # A character has one to four bytes: mostly the number alone tells
    if len(text) * 4 > MOST_MESSAGE_BYTES and len(text.encode(errors="replace")) > MOST_MESSAGE_BYTES:
        raise UsageError(
            phrase("The prompt is larger than {most} MB.", most=MOST_MESSAGE_BYTES >> 20),
            hint=phrase("Send a part of it, or attach it as a file."),
        )


class AnswerBounds:
    """Counts what comes of one answer; `text` is what it begins with."""

    def __init__(self, text: str = "") -> None:
        self._bytes = len(text.encode(errors="replace"))
        self._seen: set[tuple[str, str]] = set()
        self._left_out = 0

    def grow(self, text: str) -> None:
        """More text or reasoning comes. Raises AnswerTooLarge where it no longer fits: then it is not to be kept."""
        self._bytes += len(text.encode(errors="replace"))
        if self._bytes > MOST_MESSAGE_BYTES:
            raise AnswerTooLarge(
                phrase("The response is larger than {most} MB and was stopped.", most=MOST_MESSAGE_BYTES >> 20)
            )

    def admits(self, notice: Notice) -> bool:
        """Whether a notice is to be passed on: it is new, and not too many were before it."""
        said = notice.code, notice.message
        if said in self._seen:
            return False
        if len(self._seen) < _MOST_COMPARED:
            self._seen.add(said)
        admitted = len(self._seen) <= MOST_NOTICES
        self._left_out += not admitted
        return admitted

    def left_out(self) -> Notice | None:
        """What is said at the end of the notices that were not passed on; None where all were."""
        if not self._left_out:
            return None
        said = counted("And one more notice from the server.", "And {n} more notices from the server.", self._left_out)
        return Notice(code="notices_left_out", message=said)
