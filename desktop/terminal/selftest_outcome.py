"""Outcome of a check of the self-test."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

Check = Callable[[], Awaitable[str]]
"""Performs a real action and returns a summary. Raises ParagoneError, OSError or NotAsItMust."""


class NotAsItMust(Exception):
    """An unexpected result of a check, described in one sentence."""


def require(held: object, otherwise: str) -> None:
    """Check a condition. Installed programs contain no assert statements.

    Raises:
        NotAsItMust: If the condition is false.
    """
    if not held:
        raise NotAsItMust(otherwise)
