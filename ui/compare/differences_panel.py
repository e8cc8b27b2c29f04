"""The panel of differences: two answers of the newest turn word by word, or what all of them agree on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from desktop.evaluation.agreement import agreement
from desktop.evaluation.differences import Difference, difference
from desktop.phrases import phrase
from ui.compare import stretches
from ui.compare.marked_text import MarkedText, StretchStyle
from ui.compare.pane_facts import ShownPane, distinct, last_answers
from ui.compare.panel_frame import Panel
from ui.icons import icon
from ui.strings import number_text, tr, trn
from ui.theme import Theme
from ui.widgets.inputs import ChoiceBox, Segments
from ui.widgets.labels import hairline, label
from ui.widgets.tips import put_tip

WIDTH = 560
_TOO_LONG = phrase("These answers are too long to be held against each other.")
_IN_ONE, _BESIDE, _AGREEMENT = range(3)


class DifferencesPanel(Panel):
    """Shows what it is given anew only where a text is another one."""

    moved = Signal(int)
    """Another place is gone to: its number, from 0."""

    def __init__(self, theme: Theme, panes: Callable[[], Sequence[ShownPane]], parent: QWidget | None = None) -> None:
        self.previous, self.next = QToolButton(), QToolButton()
        super().__init__(tr("Differences"), tr("Close differences"), theme, WIDTH, parent)
        self._theme = theme
        self._panes_of = panes
        self._panes: tuple[ShownPane, ...] = ()
        self._texts: tuple[str, ...] = ()
        self._shown: object = None
        self._places = 0
        self._at = -1
        self.way = Segments((tr("In one"), tr("Side by side"), tr("Agreement")), tr("View"))
        self.first, self.second = ChoiceBox(tr("First answer")), ChoiceBox(tr("Second answer"))
        self.left, self.right = MarkedText(tr("Differences"), theme), MarkedText(tr("Second answer in full"), theme)
        self._against = label(tr("and"), "muted")
        self._between = hairline(vertical=True)
        self._state = label("", "muted")
        self._state.setWordWrap(True)
        self._lay_out()
        self.way.chosen.connect(self.refresh)
        self.first.activated.connect(self.refresh)
        self.second.activated.connect(self.refresh)
        self.next.clicked.connect(self.go_on)
        self.previous.clicked.connect(self.go_back)

    @property
    def state(self) -> str:
        """What is said of the whole."""
        return self._state.text()

    @Slot()
    def refresh(self) -> None:
        """Show how it stands now."""
        self._take(distinct(self._panes_of()))
        what = (self.way.current, self.first.currentIndex(), self.second.currentIndex(), self._texts, self._theme)
        if what == self._shown:
            return
        self._shown = what
        self._at, self._places = -1, 0
        agree = self.way.current == _AGREEMENT
        for each in (self.first, self.second, self._against):
            each.setVisible(not agree)
        for each in (self._between, self.right):
            each.setVisible(self.way.current == _BESIDE)
        self._show_agreement() if agree else self._show_difference()
        for button in (self.next, self.previous):
            button.setEnabled(self._places > 0)

    @Slot()
    def go_on(self) -> None:
        """Go to the next place, from the last to the first."""
        self._go(1)

    @Slot()
    def go_back(self) -> None:
        """Go to the place before, from the first to the last."""
        self._go(-1)

    def themed(self, theme: Theme) -> None:
        """Draw in a theme's colours."""
        super().themed(theme)
        self._theme = theme
        self.previous.setIcon(icon("chevron-up", theme.muted, 16))
        self.next.setIcon(icon("chevron-down", theme.muted, 16))

    def _lay_out(self) -> None:
        self.setMinimumWidth(360)
        for button, name in ((self.previous, tr("Previous place")), (self.next, tr("Next place"))):
            button.setProperty("role", "quiet")
            button.setAccessibleName(name)
            put_tip(button, name)
        self.bar.insertWidget(2, self.previous)
        self.bar.insertWidget(3, self.next)
        choice = QHBoxLayout()
        choice.setContentsMargins(12, 0, 12, 0)
        choice.setSpacing(8)
        for box in (self.first, self.second):
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        choice.addWidget(self.first, 1)
        choice.addWidget(self._against)
        choice.addWidget(self.second, 1)
        texts = QHBoxLayout()
        texts.setContentsMargins(0, 0, 0, 0)
        texts.setSpacing(0)
        texts.addWidget(self.left, 1)
        texts.addWidget(self._between)
        texts.addWidget(self.right, 1)
        self._state.setContentsMargins(16, 10, 16, 10)
        way = QHBoxLayout()
        way.setContentsMargins(12, 12, 12, 8)
        way.addWidget(self.way)
        self.column.addLayout(way)
        self.column.addLayout(choice)
        self.column.addWidget(self._state)
        self.column.addWidget(hairline())
        self.column.addLayout(texts, 1)

    def _take(self, panes: tuple[ShownPane, ...]) -> None:
        """Offer the panes' names; at first the first two are chosen that have an answer."""
        names, texts = [pane.name for pane in panes], last_answers(panes)
        first = sorted(range(len(panes)), key=lambda place: not texts[place])
        for place, box in enumerate((self.first, self.second)):
            if [box.itemText(at) for at in range(box.count())] != names:
                chosen = box.currentIndex() if box.count() else sorted(first[:2])[min(place, len(first) - 1)]
                box.clear()
                box.addItems(names)
                box.setCurrentIndex(min(chosen, len(names) - 1))
        self._panes, self._texts = panes, texts

    def _show_difference(self) -> None:
        places = (max(self.first.currentIndex(), 0), max(self.second.currentIndex(), 0))
        if not self._texts:
            self._say("")
            return
        left, right = (self._texts[place] for place in places)
        silent = [self._panes[place].name for place in dict.fromkeys(places) if not self._texts[place]]
        if silent:
            names = tr("{first} and {second}", first=silent[0], second=silent[1]) if len(silent) > 1 else silent[0]
            self._say(tr("{names}: no answer in this turn yet.", names=names))
            return
        found = difference(left, right)
        if found is None:
            self._say(tr(_TOO_LONG))
            return
        self._places = found.count
        self._state.setText(_state_text(found, *(self._panes[place].name for place in places)))
        if self.way.current == _BESIDE:
            lefts, rights = stretches.beside(left, right, found)
            self.left.show_stretches(lefts, self._theme)
            self.right.show_stretches(rights, self._theme)
        else:
            self.left.show_stretches(stretches.in_one(left, right, found), self._theme)

    def _show_agreement(self) -> None:
        saying = sum(bool(text) for text in self._texts)
        found = agreement(self._texts) if saying > 1 else []
        if found is None or not found:
            self._say(tr(_TOO_LONG) if found is None else tr("Two answers are needed before they can agree."))
            return
        shown = stretches.agreed(self._panes, self._texts, found)
        self._places = sum(stretch.number is not None for stretch in shown)
        by_all = sum(stretch.look is StretchStyle.SHARED for stretch in shown)
        said = [trn("{n} sentence that all say, underlined", "{n} sentences that all say, underlined", by_all)]
        if saying > 2:
            said.append(tr("{n} that some say, dotted", n=number_text(self._places - by_all)))
        self._state.setText(" · ".join([*said, tr("by their words, not by their meaning")]))
        self.left.show_stretches(shown, self._theme)

    def _say(self, sentence: str) -> None:
        self._state.setText(sentence)
        self.left.clear()
        self.right.clear()

    def _go(self, step: int) -> None:
        if self._places:
            self._at = (self._at + step) % self._places if self._at >= 0 or step > 0 else self._places - 1
            self.left.go_to(self._at)
            self.right.go_to(self._at)
            self.moved.emit(self._at)


def _state_text(found: Difference, first: str, second: str) -> str:
    if not found.count:
        return tr("The same, word for word.")
    same = tr("{percent}% of the words the same", percent=number_text(round(found.share * 100)))
    legend = tr("struck through: only {first}; underlined: only {second}", first=first, second=second)
    return " · ".join((trn("{n} difference", "{n} differences", found.count), same, legend))
