"""Reason for which a server cannot be used, as the host reports it."""

from __future__ import annotations

from desktop.tools.host.host_wire import Failure


class ServerFault(Exception):
    """A reason for which a server cannot be used, found before or beside the SDK."""

    def __init__(self, failure: Failure, quote: str = "") -> None:
        super().__init__(quote)
        self.failure, self.quote = failure, quote
