"""The panel of differences: two answers of the newest turn word by word, what all agree on, how far they lie apart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from desktop.domain import Status
from desktop.evaluation.agreement import agreement
from desktop.evaluation.differences import difference
from desktop.evaluation.distance import distances
from ui.compare import difference_pages
from ui.compare.difference_pages import DifferencePage
from ui.compare.marked_text import MarkedText
from ui.compare.pane_facts import ShownPane, contenders, distinct, last_messages
from ui.compare.panel_frame import Panel
from ui.icons import icon
from ui.strings import tr
from ui.tasks import Tasks
from ui.theme import Theme
from ui.widgets.inputs import ChoiceBox, Segments
from ui.widgets.labels import ElidedButton, hairline, label
from ui.widgets.paragraph import Paragraph
from ui.widgets.tips import put_tip

T = TypeVar("T")

WIDTH, _LEAST = 560, 360
_IN_ONE, _BESIDE, _AGREEMENT, _DISTANCE = range(4)
_QUICK = 3_000
"""Bytes of all answers together that are worked out within a frame; more of them away from the window's thread."""


class DifferencesPanel(Panel):
    """Shows what it is given anew only where a text is another one."""

    moved = Signal(int)
    """Another place is gone to: its number, from 0."""

    def __init__(
        self, theme: Theme, panes: Callable[[], Sequence[ShownPane]], tasks: Tasks, parent: QWidget | None = None
    ) -> None:
        self.previous, self.next = QToolButton(), QToolButton()
        super().__init__(tr("Differences"), tr("Close differences"), theme, WIDTH, parent)
        self._theme = theme
        self._panes_of = panes
        self._tasks = tasks
        self._one_at_a_time = asyncio.Lock()
        self._panes: tuple[ShownPane, ...] = ()
        self._texts: tuple[str, ...] = ()
        self._whole: tuple[bool, ...] = ()
        self._shown: object = None
        self._places = 0
        self._at = -1
        self.way = Segments((tr("Inline"), tr("Side by side"), tr("Agreement"), tr("Distance")), tr("View"))
        self.kind = ChoiceBox(tr("Sentences shown"))
        self.kind.addItems([tr("All responses, marked"), tr("In all responses"), tr("In only one response")])
        self.jump = ElidedButton()
        self.first, self.second = ChoiceBox(tr("First response")), ChoiceBox(tr("Second response"))
        self.left, self.right = MarkedText(tr("Differences"), theme), MarkedText(tr("Complete second response"), theme)
        self._against = label(tr("and"), "muted")
        self._between = hairline(vertical=True)
        self._state = Paragraph("", "muted")
        self._lay_out()
        self.way.chosen.connect(self.refresh)
        self.kind.activated.connect(self.refresh)
        self.jump.clicked.connect(partial(self._go_to, 0))
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
        panes = tuple(self._panes_of())
        self._take(panes)
        way = self.way.current
        chosen = (self.first.currentIndex(), self.second.currentIndex(), self.kind.currentIndex())
        what = (way, chosen, self._texts, self._whole, contenders(panes), [pane.name for pane in panes], self._theme)
        if what == self._shown:
            return
        self._shown = what
        for each in (self.first, self.second, self._against):
            each.setVisible(way in {_IN_ONE, _BESIDE})
        self.kind.setVisible(way == _AGREEMENT)
        for each in (self._between, self.right):
            each.setVisible(way == _BESIDE)
        if way == _AGREEMENT:
            self._show_agreement()
        elif way == _DISTANCE:
            self._show_distance(panes)
        else:
            self._show_difference()

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
        self.setMinimumWidth(max(_LEAST, self.way.sizeHint().width() + 24))  # no view's name is cut
        for button, name in ((self.previous, tr("Previous difference")), (self.next, tr("Next difference"))):
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
        choice.addWidget(self.kind, 1)
        self._state.setContentsMargins(16, 10, 16, 10)
        self.jump.setProperty("role", "quiet")
        self.jump.hide()
        jump = QHBoxLayout()
        jump.setContentsMargins(8, 0, 12, 4)
        jump.addWidget(self.jump)
        jump.addStretch(1)
        way = QHBoxLayout()
        way.setContentsMargins(12, 12, 12, 8)
        way.addWidget(self.way)
        self.column.addLayout(way)
        self.column.addLayout(choice)
        self.column.addWidget(self._state)
        self.column.addLayout(jump)
        self.column.addWidget(hairline())
        self.column.addLayout(texts, 1)

    def _take(self, plain: tuple[ShownPane, ...]) -> None:
        """Offer the panes' names; at first the first two are chosen that have an answer."""
        panes, answers = distinct(plain), last_messages(plain)
        names, texts = [pane.name for pane in panes], tuple("" if each is None else each.text for each in answers)
        first = sorted(range(len(panes)), key=lambda place: not texts[place])
        for place, box in enumerate((self.first, self.second)):
            if [box.itemText(at) for at in range(box.count())] != names:
                chosen = box.currentIndex() if box.count() else sorted(first[:2])[min(place, len(first) - 1)]
                box.clear()
                box.addItems(names)
                box.setCurrentIndex(min(chosen, len(names) - 1))
        self._panes, self._texts = panes, texts
        self._whole = tuple(each is not None and each.status is Status.COMPLETE for each in answers)

    def _show_difference(self) -> None:
        if not self._texts:
            self._show(DifferencePage(""))
            return
        places = (max(self.first.currentIndex(), 0), max(self.second.currentIndex(), 0))
        silent = difference_pages.silent_page(self._panes, self._texts, places)
        if silent is not None:
            self._show(silent)
            return
        left, right = (self._texts[place] for place in places)
        first, second = (self._panes[place].name for place in places)
        beside = self.way.current == _BESIDE
        self._work(
            partial(difference, left, right),
            lambda found: difference_pages.pair_page((first, second), left, right, found, beside=beside),
        )

    def _show_agreement(self) -> None:
        """Half an answer says less than it would: that the others do not say it tells nothing."""
        panes, (texts, left_out) = self._panes, self._wholes()
        pages = (difference_pages.agreement_page, difference_pages.shared_page, difference_pages.alone_page)
        page = pages[max(self.kind.currentIndex(), 0)]
        saying = sum(bool(text) for text in texts)
        self._work(
            lambda: agreement(texts) if saying > 1 else [],
            lambda found: difference_pages.without(page(panes, texts, found), left_out),
        )

    def _show_distance(self, panes: tuple[ShownPane, ...]) -> None:
        """Only whole answers lie anywhere: half of one is far from all."""
        texts, left_out = self._wholes()
        self._work(
            partial(distances, texts, contenders(panes)),
            lambda found: difference_pages.distance_page(panes, found, left_out),
        )

    def _wholes(self) -> tuple[Sequence[str], int]:
        """The texts of whole answers, empty for others; and how many of these there are."""
        texts = [text if whole else "" for text, whole in zip(self._texts, self._whole, strict=True)]
        return texts, sum(map(bool, self._texts)) - sum(map(bool, texts))

    def _work(self, work: Callable[[], T], page: Callable[[T], DifferencePage]) -> None:
        """Show the page of what is worked out, at once where that is quick.

        Else once it is there, unless by then something else is to be shown.
        """
        if sum(len(text.encode(errors="replace")) for text in self._texts) <= _QUICK:
            self._show(page(work()))
            return
        self._show(DifferencePage(tr("Comparing…")))
        wanted = self._shown

        async def run() -> None:
            """One after the other: what is not wanted any more is not begun."""
            async with self._one_at_a_time:
                if self._shown is wanted:
                    found = await asyncio.to_thread(work)
                    if self._shown is wanted:
                        self._show(page(found))

        self._tasks.start(run(), name="differences")

    def _show(self, page: DifferencePage) -> None:
        self._at, self._places = -1, page.places
        self._state.setText(page.state)
        for text, shown in ((self.left, page.left), (self.right, page.right)):
            text.show_stretches(shown, self._theme)
        self.jump.setVisible(bool(page.first))
        self.jump.show_text(page.first)
        self.jump.setAccessibleName(page.first)
        put_tip(self.jump, page.first)
        for button in (self.next, self.previous):
            button.setEnabled(self._places > 0)

    def _go(self, step: int) -> None:
        if self._places:
            at = (self._at + step) % self._places if self._at >= 0 or step > 0 else self._places - 1
            self._go_to(at)

    def _go_to(self, at: int) -> None:
        self._at = at
        self.left.go_to(at)
        self.right.go_to(at)
        self.moved.emit(at)
