"""Size limits of prompts and responses, and of the number of notices per response."""

from __future__ import annotations

from desktop.domain.conversation_types import LONGEST_SYSTEM, MOST_MESSAGE_BYTES
from desktop.domain.events import Notice
from desktop.errors import AnswerTooLarge, UsageError
from desktop.text.phrases import counted, phrase

MOST_NOTICES = 10
"""Maximum distinct notices shown per response; further ones are counted."""

_MOST_COMPARED = 1_000  # notices that are remembered to tell whether one was there before


def require_prompt(text: str, system: str) -> None:
    """Check that a prompt and system prompt are not too large to store.

    Raises:
        UsageError: If either is too large.
    """
    if len(system) > LONGEST_SYSTEM:
        raise UsageError(phrase("The system prompt is larger than {most} MB.", most=LONGEST_SYSTEM >> 20))
    # A character has one to four bytes, so the length alone usually decides
    if len(text) * 4 > MOST_MESSAGE_BYTES and len(text.encode(errors="replace")) > MOST_MESSAGE_BYTES:
        raise UsageError(
            phrase("The prompt is larger than {most} MB.", most=MOST_MESSAGE_BYTES >> 20),
            hint=phrase("Send part of the prompt, or attach it as a file."),
        )


class AnswerBounds:
    """Tracks the size of one response and its number of notices. `text` is the text it starts with."""

    def __init__(self, text: str = "") -> None:
        self._bytes = len(text.encode(errors="replace"))
        self._seen: set[tuple[str, str]] = set()
        self._left_out = 0

    def grow(self, text: str) -> None:
        """Add the size of more text or reasoning.

        Raises:
            AnswerTooLarge: If the response is now too large; the text must not be stored then.
        """
        self._bytes += len(text.encode(errors="replace"))
        if self._bytes > MOST_MESSAGE_BYTES:
            raise AnswerTooLarge(
                phrase("The response is larger than {most} MB and was stopped.", most=MOST_MESSAGE_BYTES >> 20)
            )

    def admits(self, notice: Notice) -> bool:
        """Whether a notice is new and the maximum number of notices is not reached."""
        said = notice.code, notice.message
        if said in self._seen:
            return False
        if len(self._seen) < _MOST_COMPARED:
            self._seen.add(said)
        admitted = len(self._seen) <= MOST_NOTICES
        self._left_out += not admitted
        return admitted

    def left_out(self) -> Notice | None:
        """Return a final notice with the number of suppressed notices, or None if there are none."""
        if not self._left_out:
            return None
        said = counted("The server sent one more notice.", "The server sent {n} more notices.", self._left_out)
        return Notice(code="notices_left_out", message=said)
