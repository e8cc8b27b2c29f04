"""Blind review of a replay: one pair a screen, judged by keys, each verdict stored at once."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

import asyncio
from functools import partial

from PySide6.QtCore import QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.domain.suite_cells import PairChoice, RunState
from desktop.errors import ParagoneError
from desktop.replay.review import ReviewTask
from desktop.replay.review_desk import ReviewDesk, ReviewPair
from desktop.services import Services
from desktop.text.phrases import phrase
from ui.base.strings import number_text, sentence, tr
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.replay.review_sheet import EARLIER_KEY, ReviewSheet, review_resources
from ui.widgets.announcement import announce
from ui.widgets.buttons import button
from ui.widgets.labels import hairline, label
from ui.widgets.paragraph import Paragraph
from ui.widgets.wrapping_layout import WrapLayout

CHOICES = (
    (PairChoice.FIRST, phrase("A is better"), ("1", "A")),
    (PairChoice.SECOND, phrase("B is better"), ("2", "B")),
    (PairChoice.TIE, phrase("Tie"), ("3", "T")),
    (PairChoice.BOTH_BAD, phrase("Both bad"), ("4",)),
    (PairChoice.SKIPPED, phrase("Skip"), ("5",)),
)
"""Verdicts in display order, each with its keys; the first key is shown."""

_REFRESH_MS = 2_000
"""Interval in which answers that arrive meanwhile join the review."""


class ReviewView(QWidget):
    """Reviews a replay from `show_replay` on. Nothing shown tells which model wrote an answer."""

    finished = Signal()
    """Emitted when no pair is left, or when the user stops for now."""

    def __init__(self, services: Services, tasks: Tasks, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Review"))
        self._services, self._tasks = services, tasks
        self._run_id = ""
        self._desk: ReviewDesk | None = None
        self._lock = asyncio.Lock()
        """Held while the desk works: its methods are called one after another."""
        self._shown: ReviewPair | None = None
        self._ready: ReviewPair | None = None
        """The pair after the one shown, read beforehand."""
        self._given: list[ReviewPair] = []
        self._unstored: set[ReviewTask] = set()
        self._is_undoing = False
        shared = review_resources(services, tasks, themes, self)
        self._place = label("", "title")
        self._said = Paragraph("", "warn")
        self._undo = button(tr("{choice}  ({key})", choice=tr("Undo"), key="U"), "quiet", tr("Undo"), by_enter=True)
        self._done = button(
            tr("{choice}  ({key})", choice=tr("Done for now"), key="Esc"), "quiet", tr("Done for now"), by_enter=True
        )
        self._stack = QStackedWidget(self)
        self._sheets = (ReviewSheet(shared, self._stack), ReviewSheet(shared, self._stack))
        """The pair shown, and the next one."""
        self._bar = QWidget(self)
        self._refreshing = QTimer(self, interval=_REFRESH_MS)
        self._build()
        self._connect()

    def show_replay(self, run_id: str) -> None:
        """Review a replay from its first pair without a verdict on."""
        self._run_id, self._desk = run_id, None
        self._lock = asyncio.Lock()
        self._given.clear()
        self._unstored.clear()
        self._is_undoing = False
        self._say("")
        self._put(None)
        self._prepare(None)
        self._place.setText("")
        self._tasks.start(self._open(run_id), name="replay.review", failed=self._fail)

    def focus(self) -> None:
        """Focus the first answer, so that the arrow keys scroll it."""
        self._sheet.focus(1)

    @Slot()
    def undo(self) -> None:
        """Withdraw the last verdict and show its pair again."""
        if self._desk is not None and not self._is_undoing:
            self._is_undoing = True
            self._tasks.start(self._undo_last(self._desk), name="replay.undo", failed=self._fail)

    def choose(self, choice: PairChoice) -> None:
        """Give a verdict on the pair shown, and show the next one."""
        desk, pair = self._desk, self._shown
        if desk is None or pair is None or self._is_undoing:
            return
        self._unstored.add(pair.task)
        ready, self._ready = self._ready, None
        self._say("")
        self._put(ready)
        self._tasks.start(self._give(desk, pair, choice), name="replay.give", failed=self._fail)

    def event(self, event: QEvent) -> bool:
        """Handle Esc before it leaves the surrounding page."""
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if is_escape and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Stop for now on Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.finished.emit()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Look for further answers."""
        super().showEvent(event)
        self._refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop looking for further answers."""
        super().hideEvent(event)
        if not event.spontaneous():
            self._refreshing.stop()

    async def _open(self, run_id: str) -> None:
        store, lock = await self._services.store(), self._lock
        async with lock:
            desk = await ReviewDesk.open(store, run_id)
            if run_id != self._run_id or lock is not self._lock:
                return
            self._desk = desk
            await self._fetch(desk)
            await self._watch(desk)

    async def _give(self, desk: ReviewDesk, pair: ReviewPair, choice: PairChoice) -> None:
        async with self._lock:
            try:
                await desk.give(pair, choice)
            except ParagoneError:
                if desk is self._desk:
                    self._unstored.discard(pair.task)
                    shown = self._shown
                    self._put(pair)
                    self._prepare(shown)
                raise
            if desk is self._desk:
                self._unstored.discard(pair.task)
                self._given.append(pair)
                await self._fetch(desk)

    async def _undo_last(self, desk: ReviewDesk) -> None:
        try:
            async with self._lock:
                if not await desk.undo():
                    self._say(tr("There is no verdict to undo."))
                    return
                pair = self._given.pop() if self._given else await desk.next()
                if desk is self._desk:
                    self._say("")
                    shown = self._shown
                    self._put(pair)
                    self._prepare(shown)
                    await self._fetch(desk)
        finally:
            self._is_undoing = False

    @Slot()
    def _refresh(self) -> None:
        if self._desk is not None:
            self._tasks.start(self._take_in(self._desk), name="replay.refresh", failed=self._fail)

    async def _take_in(self, desk: ReviewDesk) -> None:
        """Take in answers that arrived since."""
        async with self._lock:
            if desk is self._desk:
                await desk.refresh()
                await self._watch(desk)
                await self._fetch(desk)

    async def _watch(self, desk: ReviewDesk) -> None:
        """Look for further answers while the replay is executed."""
        run = await (await self._services.store()).replays.progress(self._run_id)
        if desk is not self._desk:
            return
        if run.state is RunState.RUNNING and self.isVisible():
            self._refreshing.start()
        else:
            self._refreshing.stop()

    async def _fetch(self, desk: ReviewDesk) -> None:
        """Read the pair to show and the one after it. A verdict may be given meanwhile."""
        while desk is self._desk and (self._shown is None or self._ready is None):
            besides = {*self._unstored, *((self._shown.task,) if self._shown is not None else ())}
            pair = await desk.next(besides)
            if pair is None or desk is not self._desk:
                break
            if pair.task in self._unstored:
                continue
            if self._shown is None:
                self._put(pair)
            elif pair.task != self._shown.task:
                self._prepare(pair)
        if desk is not self._desk:
            return
        self._tell_place()
        if self._shown is None and not self._unstored:
            await self._end(desk)

    async def _end(self, desk: ReviewDesk) -> None:
        """Finish, unless answers are still arriving."""
        run = await (await self._services.store()).replays.progress(self._run_id)
        if desk is not self._desk or self._shown is not None:
            return
        if run.state is RunState.RUNNING:
            self._place.setText(tr("Waiting for further answers"))
            self._refreshing.start()
        else:
            self._refreshing.stop()
            self.finished.emit()

    @property
    def _sheet(self) -> ReviewSheet:
        """The sheet that is shown."""
        return self._sheets[self._stack.currentIndex()]

    def _put(self, pair: ReviewPair | None) -> None:
        """Show a pair, or nothing while the next one is read."""
        self._shown = pair
        before = self._sheet
        prepared = next((each for each in self._sheets if pair is not None and each.pair is pair), None)
        if prepared is None:
            before.show_pair(pair)
        elif prepared is not before:
            focused = before.focused
            self._stack.setCurrentWidget(prepared)
            if focused >= 0:
                prepared.focus(focused)
        if pair is not None:
            self._tell_place()
            announce(self, self._place.text())

    def _prepare(self, pair: ReviewPair | None) -> None:
        """Lay out the next pair on the hidden sheet."""
        self._ready = pair
        hidden = self._sheets[1 - self._stack.currentIndex()]
        if hidden.pair is not pair:
            hidden.show_pair(pair)

    def _tell_place(self) -> None:
        desk = self._desk
        if desk is not None and self._shown is not None:
            done = desk.done
            number, whole = done + len(self._unstored) + 1, done + desk.left
            self._place.setText(tr("Pair {n} of {all}", n=number_text(number), all=number_text(whole)))

    def _say(self, text: str) -> None:
        self._said.setText(text)
        self._said.setVisible(bool(text))

    def _fail(self, error: ParagoneError) -> None:
        self._say(sentence(error))

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(16, 8, 16, 8)
        top.setSpacing(8)
        top.addWidget(self._place, 1)
        top.addWidget(self._undo)
        top.addWidget(self._done)
        self._said.setContentsMargins(16, 8, 16, 8)
        self._said.hide()
        self._bar.setAccessibleName(tr("Your verdict"))
        row = WrapLayout(self._bar, gap=8)
        for choice, text, keys in CHOICES:
            pushed = button(tr("{choice}  ({key})", choice=tr(text), key=keys[0]), name=tr(text), by_enter=True)
            pushed.clicked.connect(partial(self.choose, choice))
            row.addWidget(pushed)
        for each in self._sheets:
            self._stack.addWidget(each)
        below = QHBoxLayout()
        below.setContentsMargins(16, 12, 16, 12)
        below.addWidget(self._bar, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(hairline())
        column.addWidget(self._said)
        column.addWidget(self._stack, 1)
        column.addWidget(hairline())
        column.addLayout(below)

    def _connect(self) -> None:
        self._undo.clicked.connect(self.undo)
        self._done.clicked.connect(self.finished)
        self._refreshing.timeout.connect(self._refresh)
        for choice, _, keys in CHOICES:
            for key in keys:
                self._key(key).activated.connect(partial(self.choose, choice))
        for key in ("U", "Ctrl+Z"):
            self._key(key).activated.connect(self.undo)
        self._key(EARLIER_KEY).activated.connect(self._toggle_earlier)

    @Slot()
    def _toggle_earlier(self) -> None:
        self._sheet.prompt.toggle()

    def _key(self, key: str) -> QShortcut:
        made = QShortcut(QKeySequence(key), self)
        made.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        made.setAutoRepeat(False)  # a key that is held down judges one pair
        return made
