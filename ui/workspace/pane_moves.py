"""Adds, removes, moves and maximizes panes, and tracks which pane has the focus."""

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
    """Adds, removes and moves panes. Adding a second pane turns a chat into a comparison."""

    changed = Signal()
    """Emitted when panes are added, removed or moved."""
    closed = Signal(object, int)
    """Emitted with a Pane that was closed and its index, so that it can be restored."""
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
        area.crowded_changed.connect(self._crowd)
        line.close_wanted.connect(self.close_pane)
        line.maximise_wanted.connect(self.maximise)
        line.duplicate_wanted.connect(self._duplicate)
        line.beside_wanted.connect(self.open_beside)
        line.move_wanted.connect(self.move_pane)

    @property
    def active(self) -> Pane:
        """The pane that has the focus, or had it last."""
        return self._active if self._active in self._line else self._line[0]

    @property
    def is_full(self) -> bool:
        """Whether the maximum number of panes is reached."""
        return len(self._line) >= self._services.settings.get(MOST_SHOWN_PANES)

    def may_add(self) -> bool:
        """Whether a pane can be added. If there are too many panes, explain this."""
        if self.is_full:
            said = trn(
                "A comparison can have up to {n} pane. You can raise the limit to 16 in the settings.",
                "A comparison can have up to {n} panes. You can raise the limit to 16 in the settings.",
                self._services.settings.get(MOST_SHOWN_PANES),
            )
            self.refused.emit(said)
        return not self.is_full

    def add_pane(
        self, model: ModelRef | None = None, *, like: Pane | None = None, with_history: bool = False
    ) -> Pane | None:
        """Append a pane with the system prompt and the tools of the active one, or with all settings of `like`.

        Returns None if there are too many panes.
        """
        source = (like or self.active).conversation
        conversation = new_conversation(model or source.model, system=source.system, tools=source.tools)
        if like is not None:
            conversation = msgspec.structs.replace(conversation, parameters=source.parameters)
        if with_history:
            conversation = copied(source, conversation)
            self._drafts.carry(conversation, source)
        return self.insert(len(self._line), conversation)

    @Slot(object)
    def open_beside(self, model: ModelRef) -> None:
        """Append a pane with a model, and focus the shared prompt field."""
        if self.add_pane(model) is not None:
            self._composer.editor.setFocus()

    def insert(self, place: int, conversation: Conversation) -> Pane | None:
        """Insert a pane with a conversation. If there are too many panes, explain this and return None."""
        if not self.may_add():
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
        """Close a pane. Its conversation is not deleted, and a response in progress continues."""
        place = self.take_out(pane)
        if place is not None:
            self.closed.emit(pane, place)

    def take_out(self, pane: Pane) -> int | None:
        """Remove a pane without offering to restore it. Returns its index, or None if it is the only pane."""
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
        """Insert a closed pane again at an index."""
        if pane not in self._line and self._kept.comparison is not None:
            self._line.insert(min(place, len(self._line)), pane, on=pane not in self._off)
            self._moved()
            self._area.ensureWidgetVisible(pane)

    @Slot(object, int)
    def move_pane(self, pane: Pane, by: int) -> None:
        """Move a pane by a number of positions."""
        self.move_to(pane, self._line.place(pane) + by)

    def move_to(self, pane: Pane, place: int) -> None:
        """Move a pane to an index among the other panes. The pane keeps its share of the space."""
        at = self._line.place(pane)
        shares, on = [*self._area.shares], self._line.on[at]
        self._line.remove(pane)
        place = max(min(place, len(self._line)), 0)
        self._active = pane
        self._line.insert(place, pane, on=on)
        shares.insert(place, shares.pop(at))
        self._moved(shares)

    def take(self, conversation: Conversation, place: int, *, beside: bool) -> None:
        """Show a conversation in the pane at an index, or if `beside`, in a new pane before that one.

        If the conversation is already shown, its pane gets the focus instead.
        """
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
        """Show only this pane, or all panes again."""
        if self._kept.comparison is not None:
            place = self._line.place(pane)
            self._kept.change(maximised=None if self._kept.comparison.maximised == place else place)
            self.arrange(self._area.shares)

    def lay_out(self, arrangement: Arrangement) -> None:
        """Change the arrangement of the panes. All panes get the same size."""
        self._kept.change(arrangement=arrangement, maximised=None, heights=())
        self.arrange()

    def focus(self, place: int) -> None:
        """Focus the pane at an index. If another pane is maximized, maximize this one instead."""
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
        self._crowd()
        alone = comparison.maximised if comparison is not None else None
        for place, pane in enumerate(panes):
            pane.header.show_hidden(len(panes) - 1 if place == alone else 0)

    @Slot()
    def _crowd(self) -> None:
        """Let the headers of all panes collapse if there is little space, or expand again."""
        for pane in self._line:
            pane.set_crowded(crowded=self._area.is_crowded)

    def begin(self, shares: Sequence[float] = ()) -> None:
        """Lay out panes that are newly shown, of which the first is the active one."""
        self._active = self._line[0]
        self.arrange(shares)

    @Slot(QWidget, QWidget)
    def _focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        """Store which pane had the focus last, because commands in the shared field apply to it."""
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
