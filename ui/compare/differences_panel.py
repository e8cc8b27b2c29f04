"""Differences panel: word diff of two responses, agreement between all, and distances between models."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from desktop.domain.conversation_types import Message, Status
from desktop.metrics.agreement import Agreed, agreement, said_alone, said_by_all
from desktop.metrics.differences import MOST_CHARACTERS, Difference, difference, first_difference
from desktop.metrics.distance import Distances, distances
from desktop.metrics.tool_divergence import text_with_calls
from desktop.text.phrases import phrase
from ui.base.icons import icon
from ui.base.strings import number_text, tr, trn
from ui.base.tasks import Tasks
from ui.base.theme import Theme
from ui.compare import stretches
from ui.compare.distance_card import DistanceCard, DistanceContent, distance_content
from ui.compare.marked_text import MarkedText, Stretch
from ui.compare.pane_facts import ShownPane, contenders, distinct, last_messages
from ui.compare.panel_frame import Panel
from ui.widgets.inputs import ChoiceBox, Segments
from ui.widgets.labels import ElidedButton, hairline, label
from ui.widgets.paragraph import Paragraph
from ui.widgets.tips import put_tip

TOO_LONG = phrase("These responses are too long to compare.")
_BY_WORDS = phrase("compared by words, not by meaning")
_LONGEST_WORD = 24


class DifferencePage(Struct, frozen=True):
    """Content of the panel: summary, text, number of marked places and first difference, or distances."""

    state: str
    left: Sequence[Stretch] = ()
    right: Sequence[Stretch] = ()
    places: int = 0
    first: str = ""
    distances: DistanceContent | None = None


def silent_page(panes: Sequence[ShownPane], texts: Sequence[str], places: Sequence[int]) -> DifferencePage | None:
    """Return a page that names the models without a response, or None if every selected pane has one."""
    silent = [panes[place].name for place in dict.fromkeys(places) if not texts[place]]
    if not silent:
        return None
    names = tr("{first} and {second}", first=silent[0], second=silent[1]) if len(silent) > 1 else silent[0]
    return DifferencePage(tr("{names}: no response in this turn yet.", names=names))


def pair_page(
    names: tuple[str, str], left: str, right: str, found: Difference | None, *, beside: bool
) -> DifferencePage:
    """Return a page with a word diff of two responses, merged or `beside` each other."""
    if found is None:
        return DifferencePage(tr(TOO_LONG))
    lefts, rights = stretches.beside(left, right, found) if beside else (stretches.in_one(left, right, found), [])
    return DifferencePage(_pair_state(found, *names), lefts, rights, found.count, _first_text(left, right, found))


def agreement_page(
    panes: Sequence[ShownPane], texts: Sequence[str], found: Sequence[Sequence[Agreed]] | None
) -> DifferencePage:
    """Return a page with all responses, marking the sentences that other responses also contain."""
    if found is None or not found:
        return _no_agreement(found)
    saying = sum(bool(text) for text in texts)
    shown = stretches.agreed(panes, texts, found)
    places = sum(stretch.number is not None for stretch in shown)
    by_all = len(said_by_all(texts, found)[1])
    parts = [trn("{n} sentence in all responses, underlined", "{n} sentences in all responses, underlined", by_all)]
    if saying > 2:
        some = max(sum(0 < len(each.others) < saying - 1 for each in one) for one in found)
        parts.append(tr("{n} in some responses, dotted", n=number_text(some)))
    return DifferencePage(_joined(*parts, tr(_BY_WORDS)), shown, places=places)


def shared_page(
    panes: Sequence[ShownPane], texts: Sequence[str], found: Sequence[Sequence[Agreed]] | None
) -> DifferencePage:
    """Return a page with the sentences that all responses contain, in the wording of one of them."""
    if found is None or not found:
        return _no_agreement(found)
    place, spans = said_by_all(texts, found)
    said = trn("{n} sentence in all responses", "{n} sentences in all responses", len(spans))
    if spans:
        said = _joined(said, tr("as worded by {model}", model=panes[place].name))
    shown = stretches.listed([span.of(texts[place]) for span in spans])
    return DifferencePage(_joined(said, tr(_BY_WORDS)), shown, places=len(spans))


def alone_page(
    panes: Sequence[ShownPane], texts: Sequence[str], found: Sequence[Sequence[Agreed]] | None
) -> DifferencePage:
    """Return a page with the sentences that only one contender has, each listed once even if it repeats them."""
    if found is None or not found:
        return _no_agreement(found)
    of = contenders(panes)
    whole = {index for index, text in enumerate(texts) if text}
    shown: list[Stretch] = []
    number = 0
    for index, alone in enumerate(said_alone(texts, found, of)):
        lines: list[str] = []
        for each in alone:
            if each.own and min(each.own) < index:
                continue
            siblings = sum(of[other] == of[index] for other in whole)
            times = ""
            if siblings > 1 and len({of[other] for other in whole}) > 1:
                often = number_text(len(each.own) + 1)
                times = " " + tr("(in {n} of its {all} responses)", n=often, all=number_text(siblings))
            lines.append(f"{each.span.of(texts[index])}{times}")
        if lines:
            shown += stretches.under(panes[index], stretches.listed(lines, number), first=not shown)
            number += len(lines)
    said = trn("{n} sentence in only one response", "{n} sentences in only one response", number)
    return DifferencePage(_joined(said, tr(_BY_WORDS)), shown, places=number)


def distance_page(panes: Sequence[ShownPane], found: Distances | None, left_out: int) -> DifferencePage:
    """Return a page with the distances within each contender's responses and to those of the others."""
    if found is None:
        return DifferencePage(tr(TOO_LONG))
    if sum(each.answers for each in found.contenders) < 2:
        return DifferencePage(tr("Distances need two complete responses."))
    content = distance_content(panes, found, left_out)
    return DifferencePage(content.finding, distances=content)


def without(page: DifferencePage, left_out: int) -> DifferencePage:
    """Return the page with a note on how many incomplete responses are not counted."""
    if not left_out:
        return page
    said = trn("{n} incomplete response is not counted.", "{n} incomplete responses are not counted.", left_out)
    return replace(page, state=f"{page.state} {said}")


def _no_agreement(found: Sequence[Sequence[Agreed]] | None) -> DifferencePage:
    return DifferencePage(tr(TOO_LONG) if found is None else tr("Agreement needs two responses."))


def _pair_state(found: Difference, first: str, second: str) -> str:
    if not found.count:
        return tr("Identical, word for word.")
    same = tr("{percent}% of words are the same", percent=number_text(round(found.share * 100)))
    legend = tr("struck through: only in {first}; underlined: only in {second}", first=first, second=second)
    return _joined(trn("{n} difference", "{n} differences", found.count), same, legend)


def _first_text(left: str, right: str, found: Difference) -> str:
    """Describe the first difference with the words of both responses."""
    first = first_difference(left, right, found)
    if first is None:
        return ""
    return tr(
        "First difference: sentence {sentence}, word {word}: {left} / {right}",
        sentence=number_text(first.sentence),
        word=number_text(first.word),
        left=_quoted(first.left),
        right=_quoted(first.right),
    )


def _quoted(word: str) -> str:
    if not word:
        return tr("nothing")
    return tr("“{word}”", word=word if len(word) <= _LONGEST_WORD else f"{word[: _LONGEST_WORD - 1]}…")


def _joined(*said: str) -> str:
    return " · ".join(said)


T = TypeVar("T")

WIDTH, _LEAST = 560, 360
_IN_ONE, _BESIDE, _AGREEMENT, _DISTANCE = range(4)
_QUICK = 3_000
"""Total size of all responses in bytes up to which they are compared at once. Larger ones are compared in a thread."""


class DifferencesPanel(Panel):
    """Side panel that shows how the panes' responses differ. It is updated only when a text changes."""

    moved = Signal(int)
    """Emitted with the index of the difference or sentence that was selected."""

    def __init__(
        self,
        theme: Theme,
        panes: Callable[[], Sequence[ShownPane]],
        tasks: Tasks,
        with_calls: Callable[[], bool] = lambda: False,
        parent: QWidget | None = None,
    ) -> None:
        """`with_calls` tells whether tool calls and their results are compared like text."""
        self.previous, self.next, self.distance = QToolButton(), QToolButton(), DistanceCard(theme)
        super().__init__(tr("Differences"), tr("Close differences"), theme, WIDTH, parent)
        self._theme = theme
        self._panes_of = panes
        self._tasks = tasks
        self._with_calls = with_calls
        self._one_at_a_time = asyncio.Lock()
        self._panes: tuple[ShownPane, ...] = ()
        self._texts: tuple[str, ...] = ()
        self._whole: tuple[bool, ...] = ()
        self._plain: dict[str, str] = {}
        """The responses as displayed, by their Markdown."""
        self._shown: object = None
        self._places = 0
        self._at = -1
        self.way = Segments((tr("Inline"), tr("Side by side"), tr("Agreement"), tr("Distance")), tr("View"))
        self.kind = ChoiceBox(tr("Sentences to show"))
        self.kind.addItems([tr("All responses, with highlights"), tr("In all responses"), tr("In only one response")])
        self.jump = ElidedButton()
        self.first, self.second = ChoiceBox(tr("First response")), ChoiceBox(tr("Second response"))
        self.left, self.right = MarkedText(tr("Differences"), theme), MarkedText(tr("Full second response"), theme)
        self._beside, self._distance = QWidget(), QScrollArea()
        self._distance.hide()
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
        """The summary above the text."""
        return self._state.text()

    @Slot()
    def refresh(self) -> None:
        """Show the current state of the panes."""
        panes = tuple(self._panes_of())
        self._take(panes)
        view = self.way.current
        chosen = (self.first.currentIndex(), self.second.currentIndex(), self.kind.currentIndex())
        what = (view, chosen, self._texts, self._whole, contenders(panes), [pane.name for pane in panes], self._theme)
        if what == self._shown:
            return
        self._shown = what
        for each in (self.first, self.second, self._against):
            each.setVisible(view in {_IN_ONE, _BESIDE})
        self.kind.setVisible(view == _AGREEMENT)
        for each in (self._between, self.right):
            each.setVisible(view == _BESIDE)
        if view == _AGREEMENT:
            self._show_agreement()
        elif view == _DISTANCE:
            self._show_distance(panes)
        else:
            self._show_difference()

    @Slot()
    def go_on(self) -> None:
        """Select the next difference or sentence, wrapping around at the end."""
        self._go(1)

    @Slot()
    def go_back(self) -> None:
        """Select the previous difference or sentence, wrapping around at the start."""
        self._go(-1)

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        super().themed(theme)
        self._theme = theme
        self.distance.themed(theme)
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
        texts = QHBoxLayout(self._beside)
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
        self.column.addWidget(self._beside, 1)
        inside = QWidget()
        inside.setProperty("role", "canvas")
        column = QVBoxLayout(inside)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(self.distance)
        column.addStretch(1)
        self._distance.setWidgetResizable(True)
        self._distance.setFrameShape(QFrame.Shape.NoFrame)
        self._distance.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._distance.setWidget(inside)
        self.column.addWidget(self._distance, 1)

    def _take(self, plain: tuple[ShownPane, ...]) -> None:
        """Offer the panes for selection. Initially the first two that have a response are selected."""
        panes, answers = distinct(plain), last_messages(plain)
        names, texts = [pane.name for pane in panes], tuple(map(self._text_of, answers))
        first = sorted(range(len(panes)), key=lambda place: not texts[place])
        for place, box in enumerate((self.first, self.second)):
            if [box.itemText(at) for at in range(box.count())] != names:
                chosen = box.currentIndex() if box.count() else sorted(first[:2])[min(place, len(first) - 1)]
                box.clear()
                box.addItems(names)
                box.setCurrentIndex(min(chosen, len(names) - 1))
        self._panes, self._texts = panes, texts
        self._plain = {text: self._plain[text] for text in texts if text in self._plain}
        self._whole = tuple(each is not None and each.status is Status.COMPLETE for each in answers)

    def _text_of(self, answer: Message | None) -> str:
        if answer is None:
            return ""
        return text_with_calls(answer.parts) if self._with_calls() else answer.text

    def _show_difference(self) -> None:
        if not self._texts:
            self._show(DifferencePage(""))
            return
        places = (max(self.first.currentIndex(), 0), max(self.second.currentIndex(), 0))
        silent = silent_page(self._panes, self._texts, places)
        if silent is not None:
            self._show(silent)
            return
        first, second = (self._panes[place].name for place in places)
        beside = self.way.current == _BESIDE
        self._work(
            [self._texts[place] for place in places],
            lambda texts: difference(texts[0], texts[1]),
            lambda texts, found: pair_page((first, second), texts[0], texts[1], found, beside=beside),
        )

    def _show_agreement(self) -> None:
        """Show the agreement between complete responses. Sentences missing from an incomplete one mean nothing."""
        panes, (texts, left_out) = self._panes, self._wholes()
        pages = (agreement_page, shared_page, alone_page)
        page = pages[max(self.kind.currentIndex(), 0)]
        saying = sum(bool(text) for text in texts)
        self._work(
            texts,
            lambda texts: agreement(texts) if saying > 1 else [],
            lambda texts, found: without(page(panes, texts, found), left_out),
        )

    def _show_distance(self, panes: tuple[ShownPane, ...]) -> None:
        """Show the distances between complete responses. An incomplete one would be far from all others."""
        texts, left_out = self._wholes()
        self._work(
            texts,
            lambda texts: distances(texts, contenders(panes)),
            lambda _texts, found: distance_page(panes, found, left_out),
        )

    def _wholes(self) -> tuple[Sequence[str], int]:
        """Return the texts of complete responses ("" for others), and the number of incomplete ones."""
        texts = [text if whole else "" for text, whole in zip(self._texts, self._whole, strict=True)]
        return texts, sum(map(bool, self._texts)) - sum(map(bool, texts))

    def _work(
        self,
        texts: Sequence[str],
        work: Callable[[Sequence[str]], T],
        page: Callable[[Sequence[str], T], DifferencePage],
    ) -> None:
        """Compute a page from responses as they are displayed and show it, immediately if they are short.

        Otherwise the page is shown once it is ready, unless another one was selected by then.
        """

        def found() -> tuple[Sequence[str], T]:
            """Return the texts as displayed, and what was found in them."""
            shown = [self._displayed(text) for text in texts]
            return shown, work(shown)

        if sum(len(text.encode(errors="replace")) for text in self._texts) <= _QUICK:
            self._show(page(*found()))
            return
        self._show(DifferencePage(tr("Comparing…")))
        wanted = self._shown

        async def run() -> None:
            """Run one computation at a time and skip those that are no longer needed."""
            async with self._one_at_a_time:
                if self._shown is wanted:
                    made = await asyncio.to_thread(found)
                    if self._shown is wanted:
                        self._show(page(*made))

        self._tasks.start(run(), name="differences")

    def _displayed(self, text: str) -> str:
        """Return a response without Markdown syntax, unless it is too long to compare anyway."""
        if text not in self._plain:
            from desktop.markdown.text import rendered_text

            self._plain[text] = rendered_text(text) if len(text) <= MOST_CHARACTERS else text
        return self._plain[text]

    def _show(self, page: DifferencePage) -> None:
        self._at, self._places = -1, page.places
        self._state.setText(page.state)
        for text, shown in ((self.left, page.left), (self.right, page.right)):
            text.show_stretches(shown, self._theme)
        if page.distances is not None:
            self.distance.show_distances(page.distances)
        self._beside.setVisible(page.distances is None)
        self._distance.setVisible(page.distances is not None)
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
