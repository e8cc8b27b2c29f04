"""The panes of a workspace in their order, each with its chip on or off, and what they ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QMenu

from desktop.domain.comparison import MOST_PANES
from ui.pane.pane import Pane


class PaneList(QObject):
    """Makes panes and says what their users want of them. There is always one at least."""

    title_changed = Signal(object, str)
    saved = Signal(str)
    answering_changed = Signal(object)
    model_changed = Signal()
    model_picked = Signal(object)
    """This ModelRef was chosen from a list of models."""
    beside_wanted = Signal(object)
    """A pane with this ModelRef is wanted beside."""
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
    """A pane is dragged over a point of the screen, or was let go there."""
    shown_changed = Signal(object)
    scrolled = Signal(object)
    brief_wanted = Signal(object, int)
    """The answer of a turn, counted from 0, is to be seen whole."""
    preset_wanted = Signal(object)
    prompting_changed = Signal()
    composer_wanted = Signal()
    height_wanted = Signal()
    """A pane may need another height."""
    typed = Signal()
    """Something else stands in the field of a pane."""
    undo_offered = Signal(str, object)
    """What was dropped in a pane's field or left behind in its chat, in a sentence, and what brings it back."""
    noticed = Signal()
    """A pane says something else above its field."""

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
        """Which panes take part in what is sent to all."""
        return tuple(self._on)

    def place(self, pane: Pane) -> int:
        """Where a pane stands. Raises ValueError for one that is not there."""
        return self._panes.index(pane)

    def made(self) -> Pane:
        """A pane that is not in the line: one that is not used any more, else a new one."""
        if not self._spare:
            return self._new()
        pane = self._spare.pop()
        pane.transcript.announcer.silence(on=False)
        return pane

    def prepare(self, count: int) -> Pane | None:
        """One pane more to take when it is needed; None where there are so many already, those in use counted."""
        if len(self._panes) + len(self._spare) >= count:
            return None
        self._spare.append(self._new())
        return self._spare[-1]

    def give_back(self, pane: Pane) -> None:
        """A pane that was taken out is not wanted back any more: it waits to be used again, or goes."""
        if len(self._panes) + len(self._spare) < MOST_PANES:
            self._put_by(pane)
        else:
            pane.deleteLater()

    def empty_spare(self) -> None:
        """Let those that are not used show nothing of what they showed; an answer that is being made goes on."""
        for pane in self._spare:
            pane.start_new()

    def _put_by(self, pane: Pane) -> None:
        """Keep a pane to be used again: its answer goes on, and is not read out while something else is shown."""
        pane.transcript.announcer.silence(on=True)
        self._spare.append(pane)

    def _new(self) -> Pane:
        pane = self._make()
        header = pane.header
        pane.title_changed.connect(partial(self.title_changed.emit, pane))
        pane.conversation_saved.connect(self.saved)
        pane.add_connection_wanted.connect(self.add_connection_wanted)
        pane.beside_wanted.connect(self.beside_wanted)
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
        header.menu_opened.connect(partial(self.menu_opened.emit, pane))
        header.choose_wanted.connect(lambda: self.choose_wanted.emit(pane))
        pane.composer.notices.changed.connect(self.noticed)
        pane.composer.notices.changed.connect(self.height_wanted)
        pane.writing.field_shown.connect(self.height_wanted)
        pane.undo_offered.connect(self.undo_offered)
        pane.composer.changed.connect(self.typed)
        pane.preset_wanted.connect(lambda: self.preset_wanted.emit(pane))
        pane.prompting_changed.connect(self.prompting_changed)
        pane.composer_wanted.connect(self.composer_wanted)
        pane.shown_changed.connect(lambda: self.shown_changed.emit(pane))
        pane.transcript.brief_wanted.connect(partial(self.brief_wanted.emit, pane))
        pane.transcript.turns.scrolled.connect(lambda: self.scrolled.emit(pane))
        return pane

    def insert(self, place: int, pane: Pane, *, on: bool = True) -> None:
        """Put a pane somewhere."""
        self._panes.insert(place, pane)
        self._on.insert(place, on)

    def remove(self, pane: Pane) -> int:
        """Take a pane out; where it stood."""
        place = self.place(pane)
        del self._panes[place], self._on[place]
        return place

    def set_on(self, place: int, *, on: bool) -> None:
        """Let a pane take part, or not."""
        self._on[place] = on

    def resize(self, count: int) -> None:
        """Make it so many panes, all on: more come at the end, and those that are too many wait to be used again."""
        while len(self._panes) < count:
            self._panes.append(self.made())
        for pane in self._panes[count:]:
            self._put_by(pane)
        del self._panes[count:]
        self._on = [True] * count
