"""Adds, removes, moves and maximizes panes, and tracks which one has the focus."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakSet

import msgspec
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QApplication, QWidget

from desktop.domain.comparison import Arrangement, new_comparison
from desktop.domain.conversation_types import Conversation, ModelRef
from desktop.services import Services
from desktop.session.session import copied, new_conversation
from desktop.settings.schema import MOST_SHOWN_PANES
from ui.base.strings import trn
from ui.composer.composer import Composer
from ui.composer.drafts import Drafts
from ui.composer.prompt import Prompt
from ui.pane.pane import Pane
from ui.workspace.area import PaneArea
from ui.workspace.comparison_saver import ComparisonSaver
from ui.workspace.dispatch import Dispatch
from ui.workspace.pane_list import PaneList


class PaneMoves(QObject):
    """Adds, removes and moves panes. A chat becomes a comparison with its second pane."""

    changed = Signal()
    """Emitted when panes are added, removed or moved."""
    closed = Signal(object, int)
    """Emitted with a closed Pane and its index, so that it can be restored."""
    refused = Signal(str)
    """Emitted with the reason why no pane can be added."""

    def __init__(
        self,
        services: Services,
        line: PaneList,
        area: PaneArea,
        kept: ComparisonSaver,
        sending: Dispatch,
        composer: Composer,
        drafts: Drafts,
    ) -> None:
        super().__init__(area)
        self._services = services
        self._line = line
        self._area = area
        self._kept = kept
        self._sending = sending
        self._composer = composer
        self._drafts = drafts
        self._active = line[0]
        self._off = WeakSet[Pane]()
        """Those that were closed while they took no part in what is sent to all."""
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_changed)
        line.close_wanted.connect(self.close_pane)
        line.maximise_wanted.connect(self.maximise)
        line.duplicate_wanted.connect(self._duplicate)
        line.beside_wanted.connect(self.open_beside)
        line.move_wanted.connect(self.move_pane)

    @property
    def active(self) -> Pane:
        """The pane that has or last had the focus."""
        return self._active if self._active in self._line else self._line[0]

    @property
    def is_full(self) -> bool:
        """Whether the maximum number of panes is reached."""
        return len(self._line) >= self._services.settings.get(MOST_SHOWN_PANES)

    def _why_full(self) -> str:
        return trn(
            "A comparison can have up to {n} pane. You can raise the limit to 16 in the settings.",
            "A comparison can have up to {n} panes. You can raise the limit to 16 in the settings.",
            self._services.settings.get(MOST_SHOWN_PANES),
        )

    def add_pane(
        self, model: ModelRef | None = None, *, like: Pane | None = None, with_history: bool = False
    ) -> Pane | None:
        """Append a pane, `like` another one if given. Returns None if there are too many."""
        source = (like or self.active).conversation
        conversation = new_conversation(model or source.model, system=source.system)
        if like is not None:
            conversation = msgspec.structs.replace(conversation, parameters=source.parameters)
        if with_history:
            conversation = copied(source, conversation)
            self._drafts.carry(conversation, source)
        return self.insert(len(self._line), conversation)

    @Slot(object)
    def open_beside(self, model: ModelRef) -> None:
        """Append a pane with a model and focus the shared field."""
        if self.add_pane(model) is not None:
            self._composer.editor.setFocus()

    def insert(self, place: int, conversation: Conversation) -> Pane | None:
        """Insert a pane with a conversation. Returns None and explains why if there are too many."""
        if self.is_full:
            self.refused.emit(self._why_full())
            return None
        shares = [*self._area.shares]
        self._become_comparison()
        pane = self._line.made()
        self._line.insert(place, pane)
        pane.set_place(place + 1, several=True, alone=False)
        pane.show_conversation(conversation)
        self._active = pane
        shares.insert(place, 1.0)
        self._moved(shares)
        self._area.ensureWidgetVisible(pane)
        return pane

    @Slot(object)
    def close_pane(self, pane: Pane) -> None:
        """Close a pane. Its conversation stays stored and its response continues."""
        place = self.take_out(pane)
        if place is not None:
            self.closed.emit(pane, place)

    def take_out(self, pane: Pane) -> int | None:
        """Remove a pane without offering to restore it. Returns its index, or None for the last pane."""
        if len(self._line) > 1 and pane in self._line:
            self._sending.give_back_of(pane)
            was_active, on = pane is self.active, self._line.on[self._line.place(pane)]
            (self._off.discard if on else self._off.add)(pane)
            index = self._line.remove(pane)
            if was_active:
                self._active = self._line[min(index, len(self._line) - 1)]
            if len(self._line) == 1:
                self._line.set_on(0, on=True)  # else what is typed would go to nobody
            self._moved()
            return index
        return None

    def put_back(self, pane: Pane, place: int) -> None:
        """Restore a closed pane."""
        if pane not in self._line and self._kept.comparison is not None:
            self._line.insert(min(place, len(self._line)), pane, on=pane not in self._off)
            self._moved()
            self._area.ensureWidgetVisible(pane)

    @Slot(object, int)
    def move_pane(self, pane: Pane, by: int) -> None:
        """Move a pane by a number of places."""
        self.move_to(pane, self._line.place(pane) + by)

    def move_to(self, pane: Pane, place: int) -> None:
        """Move a pane to an index, counted without it. It keeps its share of the space."""
        at = self._line.place(pane)
        shares, on = [*self._area.shares], self._line.on[at]
        self._line.remove(pane)
        place = max(min(place, len(self._line)), 0)
        self._active = pane
        self._line.insert(place, pane, on=on)
        shares.insert(place, shares.pop(at))
        self._moved(shares)

    def take(self, conversation: Conversation, place: int, *, beside: bool) -> None:
        """Show a conversation in the pane at an index or in a new one before it, or focus it if already shown."""
        shown = next((at for at, pane in enumerate(self._line) if pane.conversation_id == conversation.id), None)
        if shown is not None:
            self.focus(shown)
        elif beside:
            self.insert(place, conversation)
        elif place < len(self._line):
            self._sending.give_back_of(self._line[place])
            self._line[place].show_conversation(conversation)
            self._kept.later()
            self.changed.emit()

    @Slot(object)
    def maximise(self, pane: Pane) -> None:
        """Show one pane alone, or all again."""
        if self._kept.comparison is not None:
            place = self._line.place(pane)
            self._kept.change(maximised=None if self._kept.comparison.maximised == place else place)
            self.arrange(self._area.shares)

    def lay_out(self, arrangement: Arrangement) -> None:
        """Arrange the panes with even shares."""
        self._kept.change(arrangement=arrangement, maximised=None, heights=())
        self.arrange()

    def focus(self, place: int) -> None:
        """Focus a pane; it replaces another maximized one."""
        if 0 <= place < len(self._line):
            pane = self._line[place]
            if self._kept.comparison is not None and self._kept.comparison.maximised not in (None, place):
                self.maximise(pane)
            pane.take_keyboard()
            self._area.ensureWidgetVisible(pane)

    def arrange(self, shares: Sequence[float] = ()) -> None:
        """Lay out the current panes."""
        comparison, panes = self._kept.comparison, tuple(self._line)
        if comparison is None:
            self._area.arrange(panes, Arrangement.ROW, shares)
        else:
            self._area.arrange(panes, comparison.arrangement, shares, comparison.maximised, comparison.heights)
        alone = comparison.maximised if comparison is not None else None
        for place, pane in enumerate(panes):
            pane.header.show_hidden(len(panes) - 1 if place == alone else 0)

    def begin(self, shares: Sequence[float] = ()) -> None:
        """Reset the focus history for newly shown panes."""
        self._active = self._line[0]
        self.arrange(shares)

    @Slot(QWidget, QWidget)
    def _focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        """Remember the last focused pane, which commands in the shared field act on."""
        del old
        if new is not None:
            self._active = next((each for each in self._line if each.isAncestorOf(new)), self._active)

    def _become_comparison(self) -> None:
        if self._kept.comparison is None:
            first = self._line[0]
            self._kept.begin(msgspec.structs.replace(new_comparison(()), title=first.conversation.title))
            self._composer.back.show(first.writing.draft)
            first.composer.back.put(Prompt())

    def _moved(self, shares: Sequence[float] = ()) -> None:
        self._kept.change(maximised=None)
        self.arrange(shares)
        self.changed.emit()

    @Slot(object, bool)
    def _duplicate(self, pane: Pane, with_history: bool) -> None:  # noqa: FBT001 - Qt's signal
        self.add_pane(like=pane, with_history=with_history)
