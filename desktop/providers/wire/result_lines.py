"""The lines of a Batch API's output file out of its bytes, as they come; pure."""

from __future__ import annotations

MOST_LINE = 16 << 20
"""Bytes of a line: no answer has more."""

_MARK = b"\xef\xbb\xbf"
_BLANKS = b" \t\r"


class ResultLines:
    """Cuts bytes into lines without the blanks around them. One of more than `most` bytes is empty; none else is.

    The blanks count, since a line that is held is not yet known to end in them.
    """

    def __init__(self, most: int = MOST_LINE) -> None:
        self._most = most
        self._held = bytearray()
        self._is_first = True
        self._is_too_long = False

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that end with these bytes."""
        first, *others = data.split(b"\n")
        self._add(first)
        if not others:
            return []
        found = self.finish()
        *whole, rest = others
        for piece in whole:
            if len(piece) > self._most:
                found.append(b"")
            elif line := piece.strip(_BLANKS):
                found.append(line)
        self._add(rest)
        return found

    def finish(self) -> list[bytes]:
        """The line that is held; none where it is blank."""
        line = bytes(self._held)
        if self._is_first:
            line = line.removeprefix(_MARK)
        line = line.strip(_BLANKS)
        found = [b""] if self._is_too_long else [line] if line else []
        self._held.clear()
        self._is_first = self._is_too_long = False
        return found

    def _add(self, piece: bytes) -> None:
        if self._is_too_long or len(self._held) + len(piece) > self._most:
            self._held.clear()
            self._is_too_long = True
        else:
            self._held += piece
