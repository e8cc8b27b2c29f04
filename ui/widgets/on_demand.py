"""A widget that most windows never show, made when it is first wanted: the first paint does not wait for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

W = TypeVar("W")


class OnDemand(Generic[W]):
    """Call it for the widget; `made` is what there is of it so far."""

    def __init__(self, make: Callable[[], W]) -> None:
        self._make = make
        self.made: W | None = None

    def __call__(self) -> W:
        """The widget, made now where there was none."""
        if self.made is None:
            self.made = self._make()
        return self.made
