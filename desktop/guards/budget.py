"""Monthly cost of responses, stored next to the database so that deleted conversations still count."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from desktop.errors import SettingsError
from desktop.system.plain_files import TooLarge, read_plain
from desktop.system.private_files import private_lock, write_private
from desktop.text.phrases import phrase

WARN_AT = 0.8
"""Share of the budget from which the remaining amount is shown."""

_LOCK_TIMEOUT_S = 10.0


def _now() -> datetime:
    return datetime.now(UTC)


class Ledger:
    """Monthly costs in US dollars, in a file. Concurrent programs change the file one after the other.

    Methods block on disk access, so call them on a thread. They raise SettingsError.
    """

    def __init__(self, file: Path, *, clock: Callable[[], datetime] = _now) -> None:
        self._file = file
        self._clock = clock

    def follow(self, file: Path) -> None:
        """Switch to another file, a copy of the current one, and add what was spent since it was copied."""
        spent, self._file = self.spent(), file
        self.at_least(spent)

    @property
    def month(self) -> datetime:
        """Start of the current month in UTC."""
        return self._clock().astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)

    def spent(self) -> float:
        """Return this month's costs; 0 if none are known or the file is damaged."""
        return self._read().get(self._name, 0.0)

    def add(self, usd: float) -> float:
        """Add a response's cost and return this month's costs."""
        return self._change(lambda before: before + max(usd, 0.0))

    def at_least(self, usd: float) -> float:
        """Raise this month's costs to `usd`, the store's figure, if it is higher; return this month's costs."""
        return self._change(lambda before: max(before, usd))

    @property
    def _name(self) -> str:
        return f"{self.month:%Y-%m}"

    def _change(self, change: Callable[[float], float]) -> float:
        import json

        from filelock import Timeout

        try:
            with private_lock(self._file.with_suffix(".lock"), timeout_s=_LOCK_TIMEOUT_S):
                held = self._read()
                before = held.get(self._name, 0.0)
                after = change(before)
                if after != before:
                    write_private(self._file, json.dumps({self._name: after}) + os.linesep)
                return after
        except (OSError, Timeout) as error:
            raise SettingsError(
                phrase("Spending could not be saved to {path}: {reason}.", path=self._file, reason=_reason(error))
            ) from error

    def _read(self) -> dict[str, float]:
        import json

        try:
            content: object = json.loads(read_plain(self._file))
        except FileNotFoundError:
            return {}
        except (TooLarge, ValueError, RecursionError):  # broken: what the store knows counts
            return {}
        except OSError as error:
            raise SettingsError(
                phrase("Spending could not be read from {path}: {reason}.", path=self._file, reason=_reason(error))
            ) from error
        value = content.get(self._name) if isinstance(content, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        if not isinstance(value, (int, float)) or not 0 <= value <= sys.float_info.max:
            return {}  # also what is no number, and one without an end
        return {self._name: float(value)}


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
