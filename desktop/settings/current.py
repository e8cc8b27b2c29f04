"""The settings in force, held once for a run: whoever needs them asks each time, so nobody has old ones."""

from __future__ import annotations

from desktop.settings.values import Settings


class CurrentSettings:
    """Called, it gives the settings as they are now."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self) -> Settings:
        """The settings as they are now."""
        return self._settings

    def use(self, settings: Settings) -> None:
        """Take others into force."""
        self._settings = settings
