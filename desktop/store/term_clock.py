"""Whether the clock can be believed before things are deleted for their age: where it jumped ahead, a day later."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from desktop.log import logger
from desktop.plain_files import read_plain
from desktop.private_files import write_private

_DAY_MS = 86_400_000
_JUMP_MS = 7 * _DAY_MS
"""So long nobody looked at the clock: the program was not used, or the clock is wrong."""

_OFTEN_MS = 3_600_000
"""The clock is written down no more often than this."""

_MOST_BYTES = 1_000
_log = logger("store")


class _Noted(Struct):
    """Milliseconds since 1970: when the clock was believed last, and when it was found to have jumped since."""

    believed: int
    doubted: int | None = None


class TermClock:
    """Of one data folder, in a file of which all processes that use it know."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock.json"

    def is_believed(self, at: int) -> bool:
        """Whether what is due at this time, in milliseconds since 1970, may go; reads and writes the file.

        A clock that jumped ahead by more than a week is believed by who asks a day after it was first seen so: one
        that was years ahead for an hour deletes nothing, and who comes back after a month keeps all for a day more.
        """
        noted = self._read()
        doubted = noted.doubted if noted is not None else None
        if noted is not None and at - noted.believed > _JUMP_MS and (doubted is None or at - doubted < _DAY_MS):
            if doubted is None or at < doubted:
                _log.warning(
                    "the clock is %d days ahead of its last time: nothing goes for its age today", _days(noted, at)
                )
                self._write(msgspec.structs.replace(noted, doubted=at))
            return False
        if noted is None or doubted is not None or abs(at - noted.believed) > _OFTEN_MS:
            self._write(_Noted(at))
        return True

    def _read(self) -> _Noted | None:
        """None where there is none yet, or it cannot be read."""
        try:
            return msgspec.json.decode(read_plain(self._file, _MOST_BYTES), type=_Noted)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            _log.warning("when the clock was believed last could not be read: %s", type(error).__name__)
            return None

    def _write(self, noted: _Noted) -> None:
        try:
            write_private(self._file, msgspec.json.encode(noted))
        except OSError as error:
            _log.warning("when the clock was believed last could not be kept: %s", type(error).__name__)


def _days(noted: _Noted, at: int) -> int:
    return (at - noted.believed) // _DAY_MS
