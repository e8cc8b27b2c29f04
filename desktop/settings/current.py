"""Current settings of the program; callers query them each time, so none holds outdated ones."""

from __future__ import annotations

from desktop.settings.values import Settings


class CurrentSettings:
    """Callable holder of the current settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self) -> Settings:
        """Return the current settings."""
        return self._settings

    def use(self, settings: Settings) -> None:
        """Replace the current settings."""
        self._settings = settings
