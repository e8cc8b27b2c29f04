"""Where panes stand: they come, go, move and are maximised, and the one that has the keyboard is known."""

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
    """A single chat becomes a comparison with its second pane."""

    changed = Signal()
    """Panes came, went or stand elsewhere."""
    closed = Signal(object, int)
    """A Pane was closed, and where it stood: it can be put back."""
    refused = Signal(str)
    """There is no room for another pane: why not, in a sentence."""

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
        """The pane that has the keyboard, or had it last."""
        return self._active if self._active in self._line else self._line[0]

    @property
    def is_full(self) -> bool:
        """Whether there can be no further pane."""
        return len(self._line) >= self._services.settings.get(MOST_SHOWN_PANES)

    def _why_full(self) -> str:
        return trn(
            "A comparison can have {n} pane. You can raise the limit to 16 in the settings.",
            "A comparison can have {n} panes. You can raise the limit to 16 in the settings.",
            self._services.settings.get(MOST_SHOWN_PANES),
        )

    def add_pane(
        self, model: ModelRef | None = None, *, like: Pane | None = None, with_history: bool = False
    ) -> Pane | None:
        """Another pane at the end, `like` another one if one is given; None where there is no room."""
        source = (like or self.active).conversation
        made = new_conversation(model or source.model, system=source.system)
        if like is not None:
            made = msgspec.structs.replace(made, parameters=source.parameters)
        if with_history:
            made = copied(source, made)
            self._drafts.carry(made, source)
        return self.insert(len(self._line), made)

    @Slot(object)
    def open_beside(self, model: ModelRef) -> None:
        """A pane with a model at the end, and the keyboard in the field of all."""
        if self.add_pane(model) is not None:
            self._composer.editor.setFocus()

    def insert(self, place: int, conversation: Conversation) -> Pane | None:
        """A pane with a conversation at a place; None where there is no room, which is said."""
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
        """Take a pane away; its conversation stays in the store, and an answer goes on."""
        place = self.take_out(pane)
        if place is not None:
            self.closed.emit(pane, place)

    def take_out(self, pane: Pane) -> int | None:
        """Take a pane away without telling that it can be put back; where it stood, None where it has to stay."""
        if len(self._line) > 1 and pane in self._line:
            self._sending.give_back_of(pane)
            was_active, on = pane is self.active, self._line.on[self._line.place(pane)]
            (self._off.discard if on else self._off.add)(pane)
            place = self._line.remove(pane)
            if was_active:
                self._active = self._line[min(place, len(self._line) - 1)]
            if len(self._line) == 1:
                self._line.set_on(0, on=True)  # else what is typed would go to nobody
            self._moved()
            return place
        return None

    def put_back(self, pane: Pane, place: int) -> None:
        """Undo the closing of a pane."""
        if pane not in self._line and self._kept.comparison is not None:
            self._line.insert(min(place, len(self._line)), pane, on=pane not in self._off)
            self._moved()
            self._area.ensureWidgetVisible(pane)

    @Slot(object, int)
    def move_pane(self, pane: Pane, by: int) -> None:
        """Move a pane among the others."""
        self.move_to(pane, self._line.place(pane) + by)

    def move_to(self, pane: Pane, place: int) -> None:
        """Move a pane to a place, counted without it; it keeps its part of the room."""
        at = self._line.place(pane)
        shares, on = [*self._area.shares], self._line.on[at]
        self._line.remove(pane)
        place = max(min(place, len(self._line)), 0)
        self._active = pane
        self._line.insert(place, pane, on=on)
        shares.insert(place, shares.pop(at))
        self._moved(shares)

    def take(self, conversation: Conversation, place: int, *, beside: bool) -> None:
        """Show a conversation in the pane at a place or in a new one before it; where it is shown, go there."""
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
        """Lay the panes otherwise, each with an even part of the room."""
        self._kept.change(arrangement=arrangement, maximised=None, heights=())
        self.arrange()

    def focus(self, place: int) -> None:
        """Put the keyboard into a pane; where another one is shown alone, this one is from now on."""
        if 0 <= place < len(self._line):
            pane = self._line[place]
            if self._kept.comparison is not None and self._kept.comparison.maximised not in (None, place):
                self.maximise(pane)
            pane.take_keyboard()
            self._area.ensureWidgetVisible(pane)

    def arrange(self, shares: Sequence[float] = ()) -> None:
        """Lay out the panes that there are."""
        comparison, panes = self._kept.comparison, tuple(self._line)
        if comparison is None:
            self._area.arrange(panes, Arrangement.ROW, shares)
        else:
            self._area.arrange(panes, comparison.arrangement, shares, comparison.maximised, comparison.heights)
        alone = comparison.maximised if comparison is not None else None
        for place, pane in enumerate(panes):
            pane.header.show_hidden(len(panes) - 1 if place == alone else 0)

    def begin(self, shares: Sequence[float] = ()) -> None:
        """Other panes are shown: none has had the keyboard yet."""
        self._active = self._line[0]
        self.arrange(shares)

    @Slot(QWidget, QWidget)
    def _focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        """Whatever is done from the field of all is done with the pane that one was in last."""
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
