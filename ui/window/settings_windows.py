"""What is set up from the window: the settings, and the dialog that adds a connection; imported when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from desktop.services import Services
from desktop.settings.schema import THEME, SettingsPage
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.base.theme import Choice, Themes

if TYPE_CHECKING:
    from ui.base.commands import Shortcut
    from ui.connections.connections_page import ConnectionsPage
    from ui.settings.settings_dialog import SettingsDialog
    from ui.window.palette import PaletteChoice


class SettingsWindows(QObject):
    """Opens both over the main window and takes into use what is changed in them."""

    connections_changed = Signal()
    """Connections came, went or changed, or a key did."""
    shortcuts_changed = Signal()
    """A command has other keys."""
    connection_added = Signal(str)
    """A connection of this name was added just now."""
    store_changed = Signal()
    """A backup was restored, or encrypted conversations were opened."""

    def __init__(self, services: Services, tasks: Tasks, themes: Themes, window: QWidget) -> None:
        super().__init__(window)
        self._services = services
        self._tasks = tasks
        self._themes = themes
        self._window = window
        self.settings: SettingsDialog | None = None
        self._connections: ConnectionsPage | None = None
        self.shortcuts: Sequence[Shortcut] = ()

    def use_theme(self) -> None:
        """Use the theme of the settings."""
        self._themes.choose(cast("Choice", self._services.settings.get(THEME)))

    def theme_choices(self) -> list[PaletteChoice]:
        """To choose another theme than that of the settings; none where policy fixed it."""
        from ui.window.palette import PaletteChoice

        settings = self._services.settings
        if settings.policy.who_locks(THEME.key):
            return []
        return [
            PaletteChoice(tr("Theme: {name}", name=tr(name)), str, partial(self._choose_theme, value), f"theme {value}")
            for value, name in zip(THEME.choices, THEME.choice_labels, strict=True)
            if value != settings.get(THEME)
        ]

    def _choose_theme(self, value: str) -> None:
        from ui.settings.option_saver import OptionSaver

        saver = OptionSaver(self._services, self._tasks, self)
        saver.saved.connect(self._option_changed)
        saver.saved.connect(saver.deleteLater)
        saver.put(THEME, value)

    def add_connection(self, model: Path | None = None) -> None:
        """Ask for an endpoint to add, or for the name of a model file's connection."""
        from ui.connections.add_dialog import AddConnectionDialog

        dialog = AddConnectionDialog(self._services, self._tasks, self._themes, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.added.connect(self._connections_changed)
        dialog.added.connect(self.connection_added)
        if model is not None:
            dialog.offer_file(model)
        dialog.open()

    @Slot()
    def open_settings(self) -> None:
        """Show the settings."""
        self.open_page()

    def open_page(self, page: SettingsPage | None = None) -> None:
        """Show the settings at a page, or where they were left."""
        if self.settings is None:
            self.settings = self._make()
        self.settings.show_page(page)

    @Slot(str)
    def mend_connection(self, name: str) -> None:
        """Show a connection and test it, which also asks to sign in where that is needed."""
        self.open_page(SettingsPage.CONNECTIONS)
        if self._connections is not None:
            self._connections.test(name)

    def _make(self) -> SettingsDialog:
        from ui.connections.connections_page import ConnectionsPage
        from ui.settings.settings_dialog import SettingsDialog

        connections = self._connections = ConnectionsPage(self._services, self._tasks, self._themes)
        connections.changed.connect(self._connections_changed)
        made = SettingsDialog(
            self._services,
            self._tasks,
            self._themes,
            connections=connections,
            shortcuts=self.shortcuts,
            locked=self._locked,
            parent=self._window,
        )
        made.option_changed.connect(self._option_changed)
        made.key_removed.connect(self._connections_changed)
        made.store_changed.connect(self.store_changed)
        return made

    def _locked(self, key: str) -> str:
        """Who fixed the option of a key, in a sentence."""
        who = self._services.settings.policy.who_locks(key)
        return tr(who) if who else ""

    @Slot()
    def close(self) -> None:
        """Close the settings with their window; what was typed last is kept."""
        if self.settings is not None:
            self.settings.close()

    @Slot(str)
    def _option_changed(self, key: str) -> None:
        if key == THEME.key:
            self.use_theme()
        elif key.startswith("shortcuts."):
            self.shortcuts_changed.emit()

    @Slot()
    def _connections_changed(self) -> None:
        if self.settings is not None and self.settings.isVisible():
            self.settings.refresh()
        self.connections_changed.emit()
