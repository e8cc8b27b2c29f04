"""What all windows of the process share: drafts, responses in progress, pending writes and rendered text.

Everything else belongs to one window: what it shows, its sidebar, its panels and notices, the undo of its last step,
its size and position, the text size, and its settings dialog. The services, the tasks and the theme are the process's.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from desktop.domain.comparison import Comparison
from desktop.services import Services
from desktop.session.titles import Titles
from ui.base.tasks import Tasks
from ui.composer.drafts import Drafts
from ui.pane.chat import Chat
from ui.pane.disk_room import DiskRoom
from ui.transcript.text.drawings import Drawings


class OpenWindow(Protocol):
    """What windows know of each other."""

    @property
    def shown_ids(self) -> Collection[str]:
        """IDs of the visible comparison and of the conversations in its panes."""
        ...

    def isVisible(self) -> bool:  # noqa: N802 - Qt's name
        """Whether the user has not closed the window."""
        ...

    def come_forward(self) -> None:
        """Bring the window to the front."""
        ...

    def finish(self) -> None:
        """Save everything and close the window, because the program is quitting."""
        ...


class SharedState(QObject):
    """State of the process's windows, so that a conversation never exists twice in memory.

    A conversation is shown in one window at a time. A response that began in one window can be watched in another.
    """

    listing_altered = Signal(object)
    """Emitted with the Library whose window changed the store. The others have to read their listing again."""
    trashed = Signal(object, object)
    """Emitted with a Library and the IDs that it moved to the trash. `purged` carries the same of those deleted."""
    purged = Signal(object, object)
    answering_changed = Signal()
    column_changed = Signal()
    menu_bar_changed = Signal()
    tray_changed = Signal()
    desktop_shortcut_changed = Signal()
    shortcuts_changed = Signal()
    connections_changed = Signal()
    store_changed = Signal(object)
    """Emitted with the window in whose settings the store was replaced or unlocked."""

    def __init__(self, services: Services, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self.drafts = Drafts(services.paths.drafts_file, tasks, self)
        services.followers.append(self.drafts.follow)
        services.plain_keepers.append(self.drafts.keep_in_memory)
        self.drawings = Drawings(services.renderer.ask if services.renderer is not None else None, tasks, self)
        self.room = DiskRoom(services, tasks, self)
        self.answering: dict[str, Chat] = {}
        """Chats with a response in progress by ID, visible or not."""
        self.held: dict[str, Chat] = {}
        """Chats whose last prompt was held back until the user decides."""
        self.titles = Titles(services.gateway, services.catalog)
        """One for all windows: two that heard the end of a response must not ask for its title twice."""
        self.unsaved: dict[str, Comparison] = {}
        """Newest states of comparisons to be saved, so that no window writes an older one later."""
        self.in_tray = False
        """Whether the tray icon brings a window back, so that the last one can be closed without quitting."""
        self.last: OpenWindow | None = None
        """The window that was closed last, which the tray icon shows again as it was."""
        self.windows: list[OpenWindow] = []
        """All windows. Those that the user closed are hidden, finish their responses and are used again."""

    def others(self, window: OpenWindow) -> list[OpenWindow]:
        """Return the windows beside one that the user sees."""
        return [each for each in self.windows if each is not window and each.isVisible()]

    def show_elsewhere(self, id_: str, window: OpenWindow) -> bool:
        """Bring another window to the front if it shows a conversation or comparison; return whether one does."""
        other = next((each for each in self.others(window) if id_ in each.shown_ids), None)
        if other is not None:
            other.come_forward()
        return other is not None

    def finish(self) -> None:
        """Close all windows, because the program is quitting."""
        for each in self.windows:
            each.finish()
