"""Says an answer to a screen reader while it streams, sentence by sentence."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

from ui.transcript.spoken_stream import SpokenStream

_AT_MOST_WAITING = 20_000
"""Characters of an answer that wait for the end of another one; of more the beginning is said."""


class Floor:
    """Who speaks: of the answers that are made at once one is said, the others wait for its end."""

    def __init__(self) -> None:
        self._line: list[Announcer] = []

    def take(self, who: Announcer) -> bool:
        """Get in line; whether it may speak."""
        if who not in self._line:
            self._line.append(who)
        return self._line[0] is who

    def leave(self, who: Announcer) -> None:
        """It has said all that it had to say: the next one speaks."""
        if who in self._line:
            spoke = self._line[0] is who
            self._line.remove(who)
            if spoke and self._line:
                self._line[0].go_on()


class Announcer:
    """Announces what is whole; silent where no screen reader listens."""

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
        """An answer is waited for; it is said as `plain` makes it."""
        self.forget()
        self._stream = SpokenStream(plain)
        self._ended = False

    def aside(self, said: str) -> None:
        """Say at once what became of the request, beside the answer's own words."""
        self._say(said)

    def more(self, text: str) -> None:
        """More of the answer."""
        if self._is_heard:
            self._tell(self._stream.more(text))

    def known(self, text: str) -> None:
        """This came before the reader did: it is read on the message, and not told once more."""
        if self._is_heard:
            self._stream.skip(text)

    def end(self, said: str = "") -> None:
        """The answer ended: say the rest, and how it ended."""
        self._ended = True
        self._tell("\n".join(filter(None, (self._stream.rest(), said))))
        if not self._is_silent:
            self.go_on()
        if self._waiting:
            self._waiting += "\n"  # another answer may come before this one is said

    def forget(self) -> None:
        """Another conversation is shown. What ended before is said still."""
        self._stream = SpokenStream()
        if not self._ended:
            self._waiting = ""
            self._leave()
        self._ended = True

    def silence(self, *, on: bool) -> None:
        """Say nothing as long as this is not on the screen, nor later what came meanwhile."""
        self._is_silent = on
        if on:
            self._waiting = ""
            self._leave()

    def go_on(self) -> None:
        """Say what waited, once nobody else speaks."""
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
