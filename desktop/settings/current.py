"""Current settings of the program. Callers query them each time, so that no caller holds outdated settings."""

from __future__ import annotations

from desktop.settings.values import Settings


class CurrentSettings:
    """Callable that returns the current settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self) -> Settings:
        """Return the current settings."""
        return self._settings

    def use(self, settings: Settings) -> None:
        """Replace the current settings."""
        self._settings = settings
