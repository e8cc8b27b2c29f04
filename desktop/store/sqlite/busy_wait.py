"""How long the writer waits while another program holds the database: ten seconds, a moment once there is a hurry."""

from __future__ import annotations

import time

from desktop.store.sqlite.sql import Sql

LONG_S, SHORT_S = 10.0, 0.3
_FIRST_S, _LAST_S = 0.001, 0.05
"""Between two looks: the first and the longest."""


class BusyWait:
    """SQLite's own wait cannot be ended before its time: this one looks whether there is a hurry."""

    def __init__(self) -> None:
        self.hurried = False
        self._begun = 0.0

    def give(self, sql: Sql) -> None:
        """Have a connection wait so."""
        sql.connection.set_busy_handler(self._wait)

    def _wait(self, looks: int) -> bool:
        """After so many looks, on the connection's thread: whether to look once more."""
        if not looks:
            self._begun = time.monotonic()
        if time.monotonic() - self._begun >= (SHORT_S if self.hurried else LONG_S):
            return False
        time.sleep(min(_FIRST_S * (looks + 1), _LAST_S))
        return True
