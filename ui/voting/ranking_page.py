"""The ranking in the window: what votes say of models, with intervals, what can be claimed, and the votes behind."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QScrollArea,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from desktop.domain import ModelRef, now
from desktop.errors import ParagoneError
from desktop.services import Services
from desktop.settings.policy import EXPORT
from desktop.voting import arena_votes, vote_lines
from desktop.voting.intervals import Cancelled
from desktop.voting.rank_votes import ranked
from desktop.voting.ranking import MIDDLE, SCALE, RankedModel, Ranking, RankingOptions
from desktop.voting.ranking_notices import notices
from desktop.voting.ranking_text import sentences
from desktop.voting.tally import VoteFilter, counted_votes
from desktop.voting.vote import Vote
from ui import strings
from ui.model_marks import ModelMarks
from ui.strings import tr, trn
from ui.tasks import Tasks
from ui.theme import Theme, Themes
from ui.voting.interval_plot import IntervalPlot, IntervalRow
from ui.voting.vote_text import outcome_text
from ui.voting.wins_model import WinsModel
from ui.widgets.buttons import button
from ui.widgets.inputs import ChoiceBox
from ui.widgets.labels import hairline, label
from ui.widgets.paragraph import Paragraph

_MOST_LISTED = 500
_MARGIN = 24


class RankingPage(QWidget):
    """Read anew whenever it is shown. Ranking goes on beside the window; another filter gives it up."""

    left = Signal()
    """Its user is done."""

    def __init__(
        self, services: Services, tasks: Tasks, themes: Themes, marks: ModelMarks, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Ranking"))
        self._services = services
        self._tasks = tasks
        self._themes = themes
        self._marks = marks
        self._votes: tuple[Vote, ...] = ()
        self._ranking: Ranking | None = None
        self._under_way = threading.Event()
        self._tag = ChoiceBox(tr("Tag"))
        self._judge = ChoiceBox(tr("Judge"))
        self._sighted = QCheckBox(tr("Votes in sight of the names too"))
        self._named = QCheckBox(tr("Without answers that name a model"))
        self._export = button(tr("Export…"))
        self._close = button(tr("Close"), "quiet")
        self._state = label("", "muted")
        self.plot = IntervalPlot(themes.current)
        self._said = Paragraph("", "")
        self._wins = WinsModel(self)
        self._table = QTableView()
        self._behind = QListWidget()
        self._behind_title = label("", "strong")
        self._build()
        self._connect()

    def load(self) -> None:
        """Read the votes, then rank them."""
        self._tasks.start(self._load(), name="ranking.load", failed=self._fail)

    def focus(self) -> None:
        """Put the keyboard on the picture."""
        self.plot.setFocus()

    async def _load(self) -> None:
        kept = await (await self._services.store()).votes.list()
        self._votes = kept.votes
        _fill(self._tag, tr("All tags"), sorted({tag for vote in self._votes for tag in vote.tags}))
        _fill(self._judge, tr("All judges"), sorted({vote.judge for vote in self._votes if vote.judge}))
        await self._rank(kept.damaged)

    @Slot()
    def _rank_anew(self) -> None:
        self._tasks.start(self._rank(), name="ranking.rank", failed=self._fail)

    @property
    def _filter(self) -> VoteFilter:
        return VoteFilter(
            tags=(self._tag.currentText(),) if self._tag.currentIndex() > 0 else (),
            judge=self._judge.currentText() if self._judge.currentIndex() > 0 else None,
            sighted=self._sighted.isChecked(),
            leave_named=self._named.isChecked(),
        )

    async def _rank(self, damaged: int = 0) -> None:
        """On another thread: two thousand samples take a while."""
        self._under_way.set()
        ended = self._under_way = threading.Event()
        self._state.setText(tr("Counting…"))
        counts = counted_votes(self._votes, self._filter)
        progress = _told(lambda done, of: self._state.setText(tr("{done} of {of} samples", done=done, of=of)))
        try:
            ranking = await asyncio.to_thread(
                ranked, counts, RankingOptions(), progress=progress, is_cancelled=ended.is_set
            )
        except Cancelled:
            return
        finally:
            ended.set()  # also where this was cancelled, as at quit: the thread ends soon
        if ended is self._under_way:
            self._show(ranking, damaged)

    def _show(self, ranking: Ranking, damaged: int) -> None:
        self._ranking = ranking
        theme = self._themes.current
        self.plot.show_rows([_row(model, self._colour(model.name, theme)) for model in ranking.models])
        if not ranking.models and self.plot.hasFocus():
            self._close.setFocus()  # what goes passes the keyboard on to whatever stands next
        self.plot.setVisible(bool(ranking.models))
        said = [tr(each) for each in (*sentences(ranking), *notices(ranking))]
        if not ranking.models:
            said.insert(0, tr("No vote counts yet. Begin a blind round in a comparison: Ctrl+Shift+B."))
        if damaged:
            said.append(trn("{n} vote cannot be read.", "{n} votes cannot be read.", damaged))
        self._said.setText("\n".join(said))
        self._wins.show(ranking)
        self._table.setVisible(bool(ranking.models))
        self._table.resizeColumnsToContents()
        self._table.setFixedHeight(_height_of(self._table))
        self._state.setText(trn("{n} vote", "{n} votes", ranking.counts.total))
        self._list(None)

    def _colour(self, name: str, theme: Theme) -> str:
        connection, slash, model = name.partition("/")
        return self._marks.colour(ModelRef(connection=connection, name=model), theme) if slash else theme.accent

    @Slot(QModelIndex)
    def _open_cell(self, index: QModelIndex) -> None:
        names = self._wins.names
        self._list((names[index.row()], names[index.column()]))

    def _list(self, pair: tuple[str, str] | None) -> None:
        """The votes behind a cell, the newest first; nothing without one."""
        self._behind.clear()
        wanted = self._filter
        found = [
            vote
            for vote in reversed(self._votes)
            if pair is not None and wanted.against(vote) is None and {*pair} <= {each.model for each in vote.contenders}
        ]
        self._behind_title.setText(tr("Votes on {a} and {b}", a=pair[0], b=pair[1]) if pair else "")
        for vote in found[:_MOST_LISTED]:
            self._behind.addItem(_vote_line(vote))
        for each in (self._behind, self._behind_title):
            each.setVisible(bool(found))

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(16, 10, 16, 10)
        top.setSpacing(12)
        for each in (self._tag, self._judge, self._sighted, self._named):
            top.addWidget(each)
        top.addStretch(1)
        for each in (self._state, self._export, self._close):
            top.addWidget(each)
        self._table.setModel(self._wins)
        self._table.setAccessibleName(tr("Wins of the rows against the columns"))
        self._table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self._table.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self._table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._table.setTabKeyNavigation(False)
        self._behind.setAccessibleName(tr("Votes behind the cell"))
        inner = QWidget()
        inner.setProperty("role", "canvas")
        column = QVBoxLayout(inner)
        column.setContentsMargins(_MARGIN, 16, _MARGIN, _MARGIN)
        column.setSpacing(14)
        column.addWidget(self.plot)
        column.addWidget(self._said)
        column.addWidget(label(tr("Wins of the rows against the columns"), "strong"))
        column.addWidget(self._table)
        column.addWidget(self._behind_title)
        column.addWidget(self._behind)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inner)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addWidget(hairline())
        whole.addWidget(area, 1)

    def _connect(self) -> None:
        for each in (self._tag, self._judge):
            each.activated.connect(self._rank_anew)
        for each in (self._sighted, self._named):
            each.toggled.connect(self._rank_anew)
        self._table.activated.connect(self._open_cell)
        self._table.clicked.connect(self._open_cell)
        self._export.clicked.connect(self._ask_where)
        self._close.clicked.connect(self.left)
        self._themes.changed.connect(self._themed)
        away = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        away.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        away.activated.connect(self.left)

    @Slot(object)
    def _themed(self, theme: Theme) -> None:
        self.plot.themed(theme)
        if self._ranking is not None:
            self.plot.show_rows([_row(model, self._colour(model.name, theme)) for model in self._ranking.models])

    @Slot()
    def _ask_where(self) -> None:
        """A file of the votes, of the ranking, or its picture: by the ending of the name."""
        if not self._services.settings.policy.get(EXPORT):
            self._state.setText(tr("Exporting is not allowed here."))
            return
        kinds = ";;".join(
            (
                tr("Votes as a table (*.csv)"),
                tr("Votes, one a line (*.jsonl)"),
                tr("Ranking (*.json)"),
                tr("Picture (*.png)"),
            )
        )
        dialog = QFileDialog(self, tr("Export votes and ranking"), "votes.csv", kinds)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._export_to)
        dialog.open()

    @Slot(str)
    def _export_to(self, name: str) -> None:
        self.export(Path(name))

    def export(self, path: Path) -> None:
        """Write what a file's ending asks for."""
        if path.suffix == ".png":
            self.plot.grab().save(str(path))
            self._state.setText(tr("Written: {file}", file=path.name))
        else:
            self._tasks.start(self._write(path), name="ranking.export", failed=self._fail)

    async def _write(self, path: Path) -> None:
        await asyncio.to_thread(path.write_bytes, self._content(path.suffix))
        self._state.setText(tr("Written: {file}", file=path.name))

    def _content(self, ending: str) -> bytes:
        if ending == ".csv":
            return "".join(arena_votes.written(self._votes)).encode()
        if ending == ".json" and self._ranking is not None:
            said = [str(each) for each in notices(self._ranking)]
            return json.dumps(self._ranking.document(said), ensure_ascii=False, indent=2).encode()
        return b"".join(vote_lines.written(self._votes))

    def _fail(self, error: ParagoneError) -> None:
        self._state.setText(strings.sentence(error))


def _row(model: RankedModel, colour: str) -> IntervalRow:
    low, high = (MIDDLE + SCALE * end for end in model.interval)
    best, worst = model.ranks
    rank = f"{best}" if best == worst else f"{best}–{worst}"
    text = tr(
        "{score} ({low}–{high}), rank {rank}",
        score=f"{model.score:.0f}",
        low=f"{low:.0f}",
        high=f"{high:.0f}",
        rank=rank,
    )
    return IntervalRow(model.name, low, model.score, high, colour, text)


def _vote_line(vote: Vote) -> str:
    names = ", ".join(each.model for each in vote.contenders)
    prompt = " ".join(vote.prompt.split())[:120]
    return tr(
        "{when}: {vote} ({names}) – {prompt}",
        when=strings.when(vote.at, now()),
        vote=outcome_text(vote.outcome),
        names=names,
        prompt=prompt,
    )


def _fill(box: ChoiceBox, every: str, values: Sequence[str]) -> None:
    """Offer values, the one that was chosen still chosen where it is there."""
    chosen = box.currentText()
    box.clear()
    box.addItems([every, *values])
    box.setCurrentIndex(max(box.findText(chosen), 0))
    box.setVisible(bool(values))


def _height_of(table: QTableView) -> int:
    rows = sum(table.rowHeight(number) for number in range(table.model().rowCount()))
    return table.horizontalHeader().sizeHint().height() + rows + 2 * table.frameWidth() + 16


def _told(tell: Callable[[int, int], None]) -> Callable[[int, int], None]:
    """Progress of another thread, told on this one, now and then."""
    loop = asyncio.get_running_loop()

    def progress(done: int, of: int) -> None:
        """Some rounds are done."""
        if done % 100 == 0:
            loop.call_soon_threadsafe(tell, done, of)

    return progress
