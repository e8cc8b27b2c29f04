"""The panes of a workspace in order, with their recipient chips and their requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from PySide6.QtCore import QObject, QPoint, Signal, Slot
from PySide6.QtWidgets import QMenu

from desktop.domain.comparison import MOST_PANES
from ui.pane.pane import Pane


class PaneList(QObject):
    """Creates the panes and forwards their signals. There is always at least one pane."""

    title_changed = Signal(object, str)
    saved = Signal(str)
    answering_changed = Signal(object)
    model_changed = Signal()
    model_picked = Signal(object)
    """Emitted with the ModelRef that the user chose from a list."""
    beside_wanted = Signal(object)
    """Emitted with a ModelRef for which a pane is to be added."""
    replay_wanted = Signal(object)
    """Emitted with the ModelRef whose conversations are to be replayed with a successor."""
    add_connection_wanted = Signal()
    connection_wanted = Signal(str)
    rerun_wanted = Signal(str)
    close_wanted = Signal(object)
    maximise_wanted = Signal(object)
    duplicate_wanted = Signal(object, bool)
    move_wanted = Signal(object, int)
    choose_wanted = Signal(object)
    menu_opened = Signal(object, QMenu)
    dragged = Signal(object, QPoint)
    dropped = Signal(object, QPoint)
    """Emitted with a pane and the screen position at which its header was dropped. `dragged` carries the same."""
    shown_changed = Signal(object)
    scrolled = Signal(object)
    brief_wanted = Signal(object, int)
    """Emitted with a pane and the turn, from 0, of a collapsed response that is to be expanded."""
    preset_wanted = Signal(object)
    tools_wanted = Signal(object)
    prompting_changed = Signal()
    schema_wanted = Signal()
    schema_remove_wanted = Signal()
    quote_wanted = Signal(str)
    """Emitted with a text to quote in the shared prompt field."""
    composer_wanted = Signal()
    height_wanted = Signal()
    """Emitted when a pane may need another height."""
    typed = Signal()
    """Emitted when the text in a pane's field changes."""
    undo_offered = Signal(str, object)
    """Emitted with a sentence about discarded text or a replaced version, and a function that restores it."""
    noticed = Signal()
    """Emitted when a pane's notices change."""

    def __init__(self, make: Callable[[], Pane], parent: QObject) -> None:
        super().__init__(parent)
        self._make = make
        self._spare: list[Pane] = []
        self._panes = [self.made()]
        self._on = [True]

    def __len__(self) -> int:
        return len(self._panes)

    def __iter__(self) -> Iterator[Pane]:
        return iter(tuple(self._panes))

    def __getitem__(self, place: int) -> Pane:
        return self._panes[place]

    def __contains__(self, pane: object) -> bool:
        return pane in self._panes

    @property
    def on(self) -> Sequence[bool]:
        """Whether each pane receives prompts that are sent to all panes."""
        return tuple(self._on)

    @Slot()
    def to_answers(self) -> None:
        """Scroll each pane to the start of its last response."""
        for pane in self:
            pane.transcript.to_answer()

    @Slot()
    def to_ends(self) -> None:
        """Scroll each pane to its end."""
        for pane in self:
            pane.transcript.to_end()

    def place(self, pane: Pane) -> int:
        """Return the index of a pane.

        Raises:
            ValueError: If the pane is not in the list.
        """
        return self._panes.index(pane)

    def made(self) -> Pane:
        """Return a pane to insert: a spare one, or else a new one."""
        if not self._spare:
            return self._new()
        pane = self._spare.pop()
        pane.transcript.announcer.silence(on=False)
        return pane

    def prepare(self, count: int) -> Pane | None:
        """Create a spare pane. Returns None if there are already `count` panes, including spare ones."""
        if len(self._panes) + len(self._spare) >= count:
            return None
        self._spare.append(self._new())
        return self._spare[-1]

    def give_back(self, pane: Pane) -> None:
        """Store a removed pane as a spare one, or delete it if there are enough."""
        if len(self._panes) + len(self._spare) < MOST_PANES:
            self._put_by(pane)
        else:
            pane.deleteLater()

    def empty_spare(self) -> None:
        """Clear the content of spare panes. Responses in progress in them continue."""
        for pane in self._spare:
            pane.start_new()

    def _put_by(self, pane: Pane) -> None:
        """Store a pane as a spare one. A response in progress in it continues without being announced."""
        pane.transcript.announcer.silence(on=True)
        self._spare.append(pane)

    def _new(self) -> Pane:
        pane = self._make()
        header = pane.header
        pane.title_changed.connect(partial(self.title_changed.emit, pane))
        pane.conversation_saved.connect(self.saved)
        pane.add_connection_wanted.connect(self.add_connection_wanted)
        pane.beside_wanted.connect(self.beside_wanted)
        pane.replay_wanted.connect(self.replay_wanted)
        pane.connection_wanted.connect(self.connection_wanted)
        pane.rerun_wanted.connect(self.rerun_wanted)
        pane.answering_changed.connect(lambda: self.answering_changed.emit(pane))
        pane.model_changed.connect(self.model_changed)
        pane.model_picked.connect(self.model_picked)
        header.close_wanted.connect(lambda: self.close_wanted.emit(pane))
        header.maximise_wanted.connect(lambda: self.maximise_wanted.emit(pane))
        header.duplicate_wanted.connect(partial(self.duplicate_wanted.emit, pane))
        header.move_wanted.connect(partial(self.move_wanted.emit, pane))
        header.dragged.connect(partial(self.dragged.emit, pane))
        header.dropped.connect(partial(self.dropped.emit, pane))
        header.schema_wanted.connect(self.schema_wanted)
        header.schema_remove_wanted.connect(self.schema_remove_wanted)
        header.menu_opened.connect(partial(self.menu_opened.emit, pane))
        header.choose_wanted.connect(lambda: self.choose_wanted.emit(pane))
        pane.composer.notices.changed.connect(self.noticed)
        pane.composer.notices.changed.connect(self.height_wanted)
        pane.writing.field_shown.connect(self.height_wanted)
        pane.undo_offered.connect(self.undo_offered)
        pane.composer.changed.connect(self.typed)
        pane.preset_wanted.connect(lambda: self.preset_wanted.emit(pane))
        pane.tools_wanted.connect(lambda: self.tools_wanted.emit(pane))
        pane.prompting_changed.connect(self.prompting_changed)
        pane.composer_wanted.connect(self.composer_wanted)
        pane.quote_wanted.connect(self.quote_wanted)
        pane.shown_changed.connect(lambda: self.shown_changed.emit(pane))
        pane.transcript.brief_wanted.connect(partial(self.brief_wanted.emit, pane))
        pane.transcript.turns.scrolled.connect(lambda: self.scrolled.emit(pane))
        return pane

    def insert(self, place: int, pane: Pane, *, on: bool = True) -> None:
        """Insert a pane at an index."""
        self._panes.insert(place, pane)
        self._on.insert(place, on)

    def remove(self, pane: Pane) -> int:
        """Remove a pane and return its index."""
        place = self.place(pane)
        del self._panes[place], self._on[place]
        return place

    def set_on(self, place: int, *, on: bool) -> None:
        """Set whether a pane receives prompts that are sent to all panes."""
        self._on[place] = on

    def resize(self, count: int) -> None:
        """Set the number of panes and activate all of them.

        Panes are added at the end; surplus ones become spare panes.
        """
        while len(self._panes) < count:
            self._panes.append(self.made())
        for pane in self._panes[count:]:
            self._put_by(pane)
        del self._panes[count:]
        self._on = [True] * count
