"""The panes of a workspace in their order, each with its chip on or off, and what they ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QObject, Signal

from ui.pane.pane import Pane


class PaneLine(QObject):
    """Makes panes and says what their users want of them. There is always one at least."""

    title_changed = Signal(object, str)
    saved = Signal(str)
    answering_changed = Signal(object)
    model_changed = Signal()
    add_connection_wanted = Signal()
    close_wanted = Signal(object)
    maximise_wanted = Signal(object)
    duplicate_wanted = Signal(object, bool)
    move_wanted = Signal(object, int)
    choose_wanted = Signal(object)
    shown_changed = Signal(object)
    scrolled = Signal(object)
    preset_wanted = Signal(object)
    prompting_changed = Signal()

    def __init__(self, make: Callable[[], Pane], parent: QObject) -> None:
        super().__init__(parent)
        self._make = make
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
        """A new pane that is not in the line yet."""
        pane = self._make()

        def titled(title: str) -> None:
            self.title_changed.emit(pane, title)

        def duplicate(with_history: bool) -> None:  # noqa: FBT001 - Qt's signal
            self.duplicate_wanted.emit(pane, with_history)

        def move(by: int) -> None:
            self.move_wanted.emit(pane, by)

        pane.title_changed.connect(titled)
        pane.conversation_saved.connect(self.saved)
        pane.add_connection_wanted.connect(self.add_connection_wanted)
        pane.answering_changed.connect(lambda: self.answering_changed.emit(pane))
        pane.model_changed.connect(self.model_changed)
        pane.close_wanted.connect(lambda: self.close_wanted.emit(pane))
        pane.maximise_wanted.connect(lambda: self.maximise_wanted.emit(pane))
        pane.duplicate_wanted.connect(duplicate)
        pane.move_wanted.connect(move)
        pane.choose_wanted.connect(lambda: self.choose_wanted.emit(pane))
        pane.preset_wanted.connect(lambda: self.preset_wanted.emit(pane))
        pane.prompting_changed.connect(self.prompting_changed)
        pane.shown_changed.connect(lambda: self.shown_changed.emit(pane))
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

    def resize(self, count: int) -> list[Pane]:
        """Make it so many panes, all on: new ones come at the end, and those that are too many are given back."""
        while len(self._panes) < count:
            self._panes.append(self.made())
        extra = self._panes[count:]
        del self._panes[count:]
        self._on = [True] * count
        return extra
