"""Opens the settings and the dialog that adds a connection. Their code is imported on first use."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from desktop.services import Services
from desktop.settings.option import Option
from desktop.settings.schema import COLUMN, DESKTOP_SHORTCUT, MENU_BAR, THEME, TRAY, SettingsPage
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.base.theme import Choice, Themes

if TYPE_CHECKING:
    from ui.base.commands import Shortcut
    from ui.connections.connections_page import ConnectionsPage
    from ui.settings.option_saver import OptionSaver
    from ui.settings.settings_dialog import SettingsDialog
    from ui.tools.tools_page import ToolsPage
    from ui.window.palette import PaletteChoice


class SettingsWindows(QObject):
    """Opens the settings and the dialog over the main window, and applies changes made in them."""

    connections_changed = Signal()
    """Emitted after connections or keys have changed."""
    shortcuts_changed = Signal()
    """Emitted after the shortcut of a command has changed."""
    connection_added = Signal(str)
    """Emitted with the name of a connection that was added."""
    column_changed = Signal()
    """Emitted after the width of the reading column has changed."""
    menu_bar_changed = Signal()
    """Emitted after the menu bar was switched on or off."""
    tray_changed = Signal()
    """Emitted after the tray icon was switched on or off."""
    desktop_shortcut_changed = Signal()
    """Emitted after the shortcut of the whole desktop was switched on or off."""
    store_changed = Signal()
    """Emitted after a backup was restored or encrypted conversations were unlocked."""

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
        """Apply the theme that is selected in the settings."""
        self._themes.choose(cast("Choice", self._services.settings.get(THEME)))

    def look_choices(self) -> list[PaletteChoice]:
        """Return palette choices for other themes and text widths, without those that policy locks."""
        from ui.window.palette import PaletteChoice

        settings = self._services.settings
        return [
            PaletteChoice(
                f"{tr(option.label)}: {tr(name)}", str, partial(self._choose, option, value), f"{kind} {value}"
            )
            for option, kind in ((THEME, "theme"), (COLUMN, "column"))
            if not settings.policy.who_locks(option.key)
            for value, name in zip(option.choices, option.choice_labels, strict=True)
            if value != settings.get(option)
        ]

    def _choose(self, option: Option[str], value: str) -> None:
        from ui.settings.option_saver import OptionSaver

        saver = OptionSaver(self._services, self._tasks, self)
        saver.saved.connect(self._option_changed)
        saver.saved.connect(saver.deleteLater)
        saver.put(option, value)

    def add_connection(self, model: Path | None = None) -> None:
        """Open the dialog for a new connection, or for a model file."""
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
        """Open the settings at the page that was shown last."""
        self.open_page()

    def open_page(self, page: SettingsPage | None = None) -> None:
        """Open the settings at a page, or at the one that was shown last."""
        if self.settings is None:
            self.settings = self._make()
        self.settings.show_page(page)

    @Slot(str)
    def mend_connection(self, name: str) -> None:
        """Show a connection in the settings and test it, which also lets the user sign in."""
        self.open_page(SettingsPage.CONNECTIONS)
        if self._connections is not None:
            self._connections.test(name)

    def _make(self) -> SettingsDialog:
        from ui.connections.connections_page import ConnectionsPage
        from ui.settings.settings_dialog import SettingsDialog

        connections = self._connections = ConnectionsPage(self._services, self._tasks, self._themes)
        connections.changed.connect(self._connections_changed)
        dialog = SettingsDialog(
            self._services,
            self._tasks,
            self._themes,
            connections=connections,
            tools=self._tools_page,
            shortcuts=self.shortcuts,
            locked=self._locked,
            parent=self._window,
        )
        dialog.option_changed.connect(self._option_changed)
        dialog.key_removed.connect(self._connections_changed)
        dialog.store_changed.connect(self.store_changed)
        return dialog

    def _tools_page(self, saving: OptionSaver) -> ToolsPage:
        from ui.tools.tools_page import ToolsPage

        return ToolsPage(self._services, self._tasks, saving, locked=self._locked)

    def _locked(self, key: str) -> str:
        """Return who locked an option, or an empty string."""
        who = self._services.settings.policy.who_locks(key)
        return tr(who) if who else ""

    @Slot()
    def close(self) -> None:
        """Close the settings, which saves pending input."""
        if self.settings is not None:
            self.settings.close()

    @Slot(str)
    def _option_changed(self, key: str) -> None:
        if key == THEME.key:
            self.use_theme()
        elif key == COLUMN.key:
            self.column_changed.emit()
        elif key == MENU_BAR.key:
            self.menu_bar_changed.emit()
        elif key == TRAY.key:
            self.tray_changed.emit()
        elif key == DESKTOP_SHORTCUT.key:
            self.desktop_shortcut_changed.emit()
        elif key.startswith("shortcuts."):
            self.shortcuts_changed.emit()

    @Slot()
    def _connections_changed(self) -> None:
        if self.settings is not None and self.settings.isVisible():
            self.settings.refresh()
        self.connections_changed.emit()
