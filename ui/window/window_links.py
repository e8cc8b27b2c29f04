"""Links one window to the others: what each of them changes, and what moves from one to another."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from ui.sidebar.library import Library
from ui.window.desk import Desk
from ui.window.settings_windows import SettingsWindows
from ui.window.shared_state import OpenWindow, SharedState
from ui.workspace.workspace import Workspace


class WindowLinks(QObject):
    """Tells the other windows what this one changes, and lets it follow their changes."""

    window_wanted = Signal(str, bool)
    """Emitted with the ID of what another window is to show, if anything, and whether it is a comparison."""

    def __init__(
        self,
        state: SharedState,
        window: OpenWindow,
        library: Library,
        desk: Desk,
        workspace: Workspace,
        setup: SettingsWindows,
    ) -> None:
        super().__init__(workspace)
        self._state = state
        self._window = window
        self._library = library
        self._desk = desk
        self._workspace = workspace
        library.altered.connect(partial(state.listing_altered.emit, library))
        library.trashed.connect(self._tell_trashed)
        library.purged.connect(partial(state.purged.emit, library))
        workspace.line.answering_changed.connect(self._tell_answering)
        state.listing_altered.connect(self._follow)
        state.trashed.connect(self._leave)
        state.purged.connect(self._forget)
        state.answering_changed.connect(desk.states.update)
        desk.opening.show_elsewhere = partial(state.show_elsewhere, window=window)
        desk.states.shown_elsewhere = self._shown_elsewhere
        desk.titles = state.titles
        desk.keeper.newest = state.unsaved
        setup.column_changed.connect(state.column_changed)
        setup.menu_bar_changed.connect(state.menu_bar_changed)
        setup.tray_changed.connect(state.tray_changed)
        setup.desktop_shortcut_changed.connect(state.desktop_shortcut_changed)
        setup.shortcuts_changed.connect(state.shortcuts_changed)
        setup.connections_changed.connect(state.connections_changed)
        setup.store_changed.connect(partial(state.store_changed.emit, window))

    @Slot()
    def open_window(self) -> None:
        """Open another window with a new chat."""
        self.window_wanted.emit("", False)  # noqa: FBT003 - a signal

    @Slot()
    def move_shown_out(self) -> None:
        """Show in another window what is visible here."""
        self.move_out(self._desk.shown_id)

    @Slot(str)
    def move_out(self, moved: str) -> None:
        """Show a conversation or comparison in another window instead of this one."""
        shown = self._workspace.comparison
        compares = (shown is not None and shown.id == moved) or self._library.comparison(moved) is not None
        if moved == self._desk.shown_id:
            self._desk.new_chat()
        if not self._state.show_elsewhere(moved, self._window):
            self.window_wanted.emit(moved, compares)

    def _shown_elsewhere(self) -> set[str]:
        return {id_ for other in self._state.others(self._window) for id_ in other.shown_ids}

    @Slot(object, str, object)
    def _tell_trashed(self, ids: Sequence[str], _title: str, with_them: Sequence[str]) -> None:
        self._state.trashed.emit(self._library, (*ids, *with_them))

    @Slot(object)
    def _tell_answering(self, _pane: object) -> None:
        self._state.answering_changed.emit()

    @Slot(object)
    def _follow(self, changed: Library) -> None:
        """Read the listing again after a change in another window. A hidden one does when it is shown again."""
        if changed is not self._library and self._window.isVisible():
            self._library.follow()

    @Slot(object, object)
    def _leave(self, changed: Library, ids: Sequence[str]) -> None:
        """Stop showing what another window moved to the trash."""
        if changed is not self._library:
            self._desk.thrown.leave(ids)

    @Slot(object, object)
    def _forget(self, changed: Library, ids: Sequence[str]) -> None:
        """Stop showing what another window deleted permanently."""
        if changed is not self._library:
            self._desk.thrown.after_purge(ids)
