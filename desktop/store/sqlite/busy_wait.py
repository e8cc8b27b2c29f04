"""How long the writer waits while another program holds the database: ten seconds, a moment once there is a hurry."""

from __future__ import annotations

import time
from collections.abc import Callable

import apsw

from desktop.store.sqlite.sql import Sql

LONG_S, SHORT_S = 10.0, 1.5
_FIRST_S, _LAST_S = 0.001, 0.05
"""Between two looks: the first and the longest."""


class BusyWait:
    """SQLite's own wait cannot be ended before its time: this one looks whether there is a hurry."""

    def __init__(self) -> None:
        self._hurried_at: float | None = None
        self._begun = 0.0

    def give(self, sql: Sql) -> None:
        """Have a connection wait so."""
        sql.connection.set_busy_handler(self._wait)

    def hurry(self) -> None:
        """The moment begins now, for what waits already and for all that comes."""
        if self._hurried_at is None:
            self._hurried_at = time.monotonic()

    def _wait(self, looks: int) -> bool:
        """After so many looks, on the connection's thread: whether to look once more."""
        at, hurried = time.monotonic(), self._hurried_at
        if not looks:
            self._begun = at
        until = self._begun + LONG_S
        if at >= (until if hurried is None else min(until, hurried + SHORT_S)):
            return False
        time.sleep(min(_FIRST_S * (looks + 1), _LAST_S))
        return True


def insist(job: Callable[[], object]) -> None:
    """Do what SQLite gives up at once where another connection writes, again and again for a moment.

    It does not wait where it has begun to read: two that turn a file to a log would wait for each other. Raises
    apsw.BusyError.
    """
    until, pause = time.monotonic() + SHORT_S, _FIRST_S
    while True:
        try:
            job()
        except apsw.BusyError:
            if time.monotonic() >= until:
                raise
            time.sleep(pause)
            pause = min(2 * pause, _LAST_S)
        else:
            return
