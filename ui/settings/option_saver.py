"""Saves changed options at once in a thread, applies them, and reports failures."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, cast

from PySide6.QtCore import QObject, Signal

from desktop.errors import ParagoneError
from desktop.services import Services
from desktop.settings.schema import AnyOption, Option
from desktop.settings.values import Settings
from ui.base.tasks import Tasks

Value = str | int | float | bool
_Changes = dict[str, tuple[AnyOption, Value]]


class OptionSaver(QObject):
    """Writes changed options, one write at a time.

    Changes made during a write are collected for the next one, with the last value of each option.
    """

    saved = Signal(str)
    """Emitted with the key of an option whose value is saved and in effect."""
    failed = Signal(str, object)
    """Emitted with the key of an option that could not be saved, and the ParagoneError."""

    def __init__(self, services: Services, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._tasks = tasks
        self._waiting: _Changes = {}
        self._busy = False

    def put(self, option: AnyOption, value: Value) -> None:
        """Save a valid value for an option."""
        self._waiting[option.key] = (option, value)
        if not self._busy:
            self._busy = True
            self._tasks.start(self._save(), name="settings.save")

    async def _save(self) -> None:
        try:
            while self._waiting:
                taken, self._waiting = self._waiting, {}
                await self._write(taken)
        finally:
            self._busy = False

    async def _write(self, taken: _Changes) -> None:
        try:
            settings = await asyncio.to_thread(self._services.settings_file.update, partial(_changed, taken))
        except ParagoneError as error:
            for key in taken:
                self.failed.emit(key, error)
            return
        self._services.use(settings)
        for key in taken:
            self.saved.emit(key)


def _changed(changes: _Changes, settings: Settings) -> Settings:
    for option, value in changes.values():
        settings = settings.set(cast("Option[Any]", option), cast("Any", value))
    return settings
