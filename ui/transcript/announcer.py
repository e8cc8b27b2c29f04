"""Announces a streaming response to screen readers, sentence by sentence."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

from ui.transcript.spoken_stream import SpokenStream

_AT_MOST_WAITING = 20_000
"""Maximum number of characters that wait while another response is announced; more are not announced."""


class Floor:
    """Decides which of several simultaneous responses is announced. The others wait."""

    def __init__(self) -> None:
        self._line: list[Announcer] = []

    def take(self, who: Announcer) -> bool:
        """Join the queue, and return whether it is the announcer's turn."""
        if who not in self._line:
            self._line.append(who)
        return self._line[0] is who

    def leave(self, who: Announcer) -> None:
        """Leave the queue, and let the next announcer speak."""
        if who in self._line:
            spoke = self._line[0] is who
            self._line.remove(who)
            if spoke and self._line:
                self._line[0].go_on()


class Announcer:
    """Announces the complete sentences of a response, if a screen reader is active."""

    def __init__(self, spoken_for: QObject, floor: Floor | None = None) -> None:
        self._spoken_for = spoken_for
        self._floor = floor or Floor()
        self._stream = SpokenStream()
        self._waiting = ""
        self._ended = True
        self.called = ""
        """Whose answer it is, where there are several; said before each announcement."""
        self._is_silent = False
        spoken_for.destroyed.connect(self._leave)

    def begin(self, plain: Callable[[str], str] | None = None) -> None:
        """Prepare to announce a response. `plain` converts its Markdown to plain text."""
        self.forget()
        self._stream = SpokenStream(plain)
        self._ended = False

    def aside(self, said: str) -> None:
        """Announce a note about the request at once."""
        self._say(said)

    def more(self, text: str) -> None:
        """Add text to the response."""
        if self._is_heard:
            self._tell(self._stream.more(text))

    def known(self, text: str) -> None:
        """Skip text that arrived before the conversation was shown."""
        if self._is_heard:
            self._stream.skip(text)

    def end(self, said: str = "") -> None:
        """Announce the rest of the text and how the response ended."""
        self._ended = True
        self._tell("\n".join(filter(None, (self._stream.rest(), said))))
        if not self._is_silent:
            self.go_on()
        if self._waiting:
            self._waiting += "\n"  # another answer may come before this one is said

    def forget(self) -> None:
        """Reset the announcer for another conversation. Text of a complete response is still announced."""
        self._stream = SpokenStream()
        if not self._ended:
            self._waiting = ""
            self._leave()
        self._ended = True

    def silence(self, *, on: bool) -> None:
        """Suppress announcements, or allow them again; used while the transcript is hidden."""
        self._is_silent = on
        if on:
            self._waiting = ""
            self._leave()

    def go_on(self) -> None:
        """Announce the text that is waiting, once it is this announcer's turn."""
        if self._floor.take(self):
            waited, self._waiting = self._waiting, ""
            self._say(waited)
            if self._ended:
                self._leave()

    def _tell(self, text: str) -> None:
        if self._is_silent:
            return
        self._waiting = (self._waiting + text)[:_AT_MOST_WAITING]
        if text.strip():
            self.go_on()

    def _leave(self) -> None:
        self._floor.leave(self)

    @property
    def _is_heard(self) -> bool:
        return QAccessible.isActive() and not self._is_silent

    def _say(self, text: str) -> None:
        if text.strip() and self._is_heard:
            said = f"{self.called}: {text.strip()}" if self.called else text.strip()
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._spoken_for, said))
