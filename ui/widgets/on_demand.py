"""Widgets that are created when first needed, to keep the first paint fast."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

W = TypeVar("W")


class OnDemand(Generic[W]):
    """Call it to get the widget; `made` is the widget or None."""

    def __init__(self, make: Callable[[], W]) -> None:
        self._make = make
        self.made: W | None = None

    def __call__(self) -> W:
        """Return the widget, created now if necessary."""
        if self.made is None:
            self.made = self._make()
        return self.made
