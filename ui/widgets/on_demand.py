"""Widgets that are created on first use, so that the first paint is fast."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

W = TypeVar("W")


class OnDemand(Generic[W]):
    """Creates a widget the first time it is called. `made` is the widget, or None until then."""

    def __init__(self, make: Callable[[], W]) -> None:
        self._make = make
        self.made: W | None = None

    def __call__(self) -> W:
        """Return the widget, after creating it if necessary."""
        if self.made is None:
            self.made = self._make()
        return self.made
