"""Ranking page: models with intervals, the conclusions they allow, and the votes they are based on."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from msgspec import Struct
from PySide6.QtCore import QBuffer, QIODevice, QLocale, QModelIndex, QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QApplication,
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

from desktop.domain.conversation_types import ModelRef, now
from desktop.errors import ParagoneError, RankingImpossible, TransferError
from desktop.reports import ranking_html
from desktop.reports.ranking_html import PageWords
from desktop.reports.ranking_text import sentences
from desktop.services import Services
from desktop.settings.policy import EXPORT
from desktop.text.phrases import Phrase, phrase
from desktop.transfer.export import export_writer
from desktop.voting import arena_votes, vote_lines
from desktop.voting.answer_lengths import length_effect, length_notice
from desktop.voting.intervals import Cancelled
from desktop.voting.rank_votes import first_look, ranked
from desktop.voting.ranking import MIDDLE, SCALE, RankedModel, Ranking, RankingOptions
from desktop.voting.ranking_notices import notices
from desktop.voting.tally import Counts, VoteFilter, counted_votes, key_of
from desktop.voting.vote import Vote
from ui.base import strings
from ui.base.model_marks import ModelMarks
from ui.base.strings import tr, trn
from ui.base.tasks import Tasks
from ui.base.theme import Theme, Themes
from ui.voting.interval_plot import IntervalPlot, IntervalRow
from ui.voting.vote_text import outcome_text
from ui.voting.wins_model import WinsModel
from ui.widgets.buttons import button
from ui.widgets.inputs import ChoiceBox
from ui.widgets.labels import hairline, label
from ui.widgets.paragraph import Paragraph
from ui.widgets.wrapping_layout import WrapLayout

ENDINGS = (".csv", ".jsonl", ".json", ".html", ".png")


class ShownRanking(Struct, frozen=True):
    """Content of an export: votes, counted votes, ranking, conclusions, notes and picture."""

    votes: Sequence[Vote]
    counted: Sequence[Vote]
    ranking: Ranking
    claimed: Sequence[Phrase]
    known: Sequence[Phrase]
    picture: QImage


class RankingExport(QObject):
    """Exports the ranking to a file that only its owner can read, written atomically. `say` receives the outcome."""

    def __init__(
        self, services: Services, tasks: Tasks, shown: Callable[[], ShownRanking | None], say: Callable[[str], None]
    ) -> None:
        super().__init__()
        self._services = services
        self._tasks = tasks
        self._shown = shown
        self._say = say

    def ask_where(self, parent: QWidget) -> None:
        """Ask for a file. The system's dialog confirms overwriting."""
        if not self._services.settings.policy.get(EXPORT):
            self._say(tr("Your organization does not allow exporting."))
            return
        kinds = ";;".join(
            (
                tr("Votes as a table (*.csv)"),
                tr("Votes, one per line (*.jsonl)"),
                tr("Ranking (*.json)"),
                tr("Web page (*.html)"),
                tr("Image (*.png)"),
            )
        )
        if self._shown() is None:
            self._say(tr("The votes are still being counted."))
            return
        dialog = QFileDialog(parent, tr("Export votes and ranking"), "votes.csv", kinds)
        dialog.setDefaultSuffix("csv")  # so that the dialog asks about the very file that is written

        def chosen(kind: str) -> None:
            dialog.setDefaultSuffix(_ending(kind))

        dialog.filterSelected.connect(chosen)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._named)
        dialog.open()

    def write(self, path: Path) -> None:
        """Write the ranking in the format that the file's suffix stands for."""
        self._tasks.start(self._write(path), name="ranking.export", failed=self._fail)

    @Slot(str)
    def _named(self, name: str) -> None:
        self.write(Path(name))

    async def _write(self, path: Path) -> None:
        self._services.settings.policy.require(EXPORT)
        shown = self._shown()
        if shown is None:
            return
        if path.suffix.lower() not in ENDINGS:
            raise TransferError(
                phrase("{file} does not have a supported file extension.", file=path.name),
                hint=phrase("Supported extensions: {endings}.", endings=", ".join(ENDINGS)),
            )
        (await self._services.store()).safety.require_other(path)
        pieces = _pieces(path.suffix.lower(), shown)
        await asyncio.to_thread(export_writer.write_bytes, path, pieces)
        outcome = tr("Saved: {file}", file=path.name)
        left_out = len(shown.votes) - len(shown.counted)
        if path.suffix.lower() == ".csv" and left_out:
            without = trn(
                "{n} vote that does not count was not exported.",
                "{n} votes that do not count were not exported.",
                left_out,
            )
            outcome = f"{outcome}. {without}"
        self._say(outcome)

    def _fail(self, error: ParagoneError) -> None:
        self._say(strings.sentence(error))


def _ending(kind: str) -> str:
    """Return the suffix in a file type of the dialog, such as "png" in "Picture (*.png)"."""
    return kind.rpartition("*.")[2].rstrip(")")


def _pieces(ending: str, shown: ShownRanking) -> Iterable[bytes]:
    match ending:
        case ".png":
            return [_png(shown.picture)]
        case ".json":
            said = [str(each) for each in shown.known]
            return [json.dumps(shown.ranking.document(said), ensure_ascii=False, indent=2).encode()]
        case ".html":
            words = PageWords(
                QLocale().bcp47Name(), QApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft, tr
            )
            page = ranking_html.page(shown.ranking, shown.claimed, shown.known, now().astimezone(), words)
            return [page.encode(errors="replace")]
        case ".jsonl":
            return vote_lines.written(shown.votes)
        case _:
            return (line.encode(errors="replace") for line in arena_votes.written(shown.counted))


def _png(picture: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")  # pyright: ignore[reportCallIssue, reportArgumentType] - as Qt's documents have it
    return bytes(buffer.data().data())


_TIMES = (
    (phrase("All time"), None),
    (phrase("Last 7 days"), 7),
    (phrase("Last 30 days"), 30),
    (phrase("Last 90 days"), 90),
    (phrase("Last 365 days"), 365),
)

_MOST, _LONGEST = 500, 200
"""Maximum number of tags and judges that are offered, and their maximum length."""


class RankingFilters(QWidget):
    """Row of filters for votes. Tags and judges are offered only if there are any."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tag = ChoiceBox(tr("Tag"), self)
        self._judge = ChoiceBox(tr("Judge"), self)
        self._time = ChoiceBox(tr("Time"), self)
        self._time.addItems([tr(text) for text, _ in _TIMES])
        self._sighted = QCheckBox(tr("Include votes with visible names"), self)
        self._named = QCheckBox(tr("Exclude responses that name a model"), self)
        line = WrapLayout(gap=12)
        self.line_height = self._time.sizeHint().height()
        """In pixels: what stands beside these is as high as one line of them."""
        for each in (self._tag, self._judge, self._time):
            each.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToContents)
        for each in (self._tag, self._judge, self._time, self._sighted, self._named):
            each.setMinimumHeight(self.line_height)
            line.addWidget(each)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addLayout(line)
        for each in (self._tag, self._judge, self._time):
            each.activated.connect(self.changed)
        for each in (self._sighted, self._named):
            each.toggled.connect(self.changed)

    @property
    def wanted(self) -> VoteFilter:
        """Filter for the votes that the user selected."""
        days = _TIMES[self._time.currentIndex()][1]
        return VoteFilter(
            tags=(self._tag.currentText(),) if self._tag.currentIndex() > 0 else (),
            judge=self._judge.currentText() if self._judge.currentIndex() > 0 else None,
            since=now() - timedelta(days=days) if days else None,
            sighted=self._sighted.isChecked(),
            leave_named=self._named.isChecked(),
        )

    def offer(self, votes: Iterable[Vote]) -> None:
        """Offer the tags and judges in votes; if there are too many, the most frequent ones."""
        tags, judges = Counter[str](), Counter[str]()
        for vote in votes:
            tags.update(vote.tags)
            judges[vote.judge] += 1
        _fill(self._tag, tr("All tags"), _most_used(tags))
        _fill(self._judge, tr("All judges"), _most_used(judges))


def _most_used(values: Counter[str]) -> list[str]:
    named = [each for each in values if each and len(each) <= _LONGEST]
    return sorted(sorted(named, key=lambda each: -values[each])[:_MOST])


def _fill(box: ChoiceBox, every: str, values: Sequence[str]) -> None:
    """Replace the values in a box, preserving the selection if possible."""
    chosen = box.currentText()
    box.clear()
    box.addItems([every, *values])
    box.setCurrentIndex(max(box.findText(chosen), 0))
    box.setVisible(bool(values))


_MOST_LISTED = 500
_MARGIN, _LEAST_COLUMN, _MOST_COLUMN = 24, 64, 170
_PAINTED_S = 0.02
"""Pause in seconds that lets the page be painted before thousands of votes are loaded."""

_DIGEST = 64
"""Number of characters of the digest that is shown for a prompt whose text is not stored."""


class RankingPage(QWidget):
    """Page with the ranking, reloaded whenever it is shown.

    Work runs in the background, and changing a filter cancels it. The plot appears at once; conclusions follow
    after resampling.
    """

    left = Signal()
    """Emitted when the user closes the page."""

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
        self._claimed: tuple[Phrase, ...] = ()
        self._known: tuple[Phrase, ...] = ()
        self._edited: frozenset[str] = frozenset()
        self._under_way = threading.Event()
        self._under_way.set()
        self._loading: asyncio.Task[None] | None = None
        self._filters = RankingFilters(self)
        self._export = button(tr("Export…"))
        self._close = button(tr("Close"), "quiet")
        self._state = label("", "muted")
        self.plot = IntervalPlot(themes.current)
        self._said = Paragraph("", "")
        self._wins = WinsModel(self)
        self._table = QTableView()
        self._behind = QListWidget()
        self._behind_title = label("", "strong")
        self._writer = RankingExport(services, tasks, self._shown, self._state.setText)
        self._build()
        self._connect()

    def load(self) -> None:
        """Load and rank the votes, canceling work in progress."""
        if self._loading is not None:
            self._loading.cancel()
        self._begin()
        self._loading = self._tasks.start(self._load(), name="ranking.load", failed=self._fail)

    def _begin(self) -> threading.Event:
        """Cancel work in progress, and return the event that cancels the work that begins now."""
        self._under_way.set()
        self._under_way = threading.Event()
        return self._under_way

    @property
    def is_counting(self) -> bool:
        """Whether work is in progress, so that more results will follow."""
        return not self._under_way.is_set()

    def focus(self) -> None:
        """Focus the plot."""
        self.plot.setFocus()

    def export(self, path: Path) -> None:
        """Write the ranking in the format that the file's suffix stands for."""
        self._writer.write(path)

    async def _load(self) -> None:
        votes = (await self._services.store()).votes
        if self._filters.wanted.is_plain:  # what is seen first needs no more of the votes than who met whom
            counts = await votes.pairs()
            with suppress(RankingImpossible):  # it is said once all is read, where a filter may help
                ranking = await asyncio.to_thread(first_look, counts, RankingOptions())
                self._draw_intervals(ranking, is_whole=False)
                await asyncio.sleep(_PAINTED_S)
                self._show_wins(ranking)
                await asyncio.sleep(_PAINTED_S)
        kept = await votes.list()
        self._votes = kept.votes
        self._filters.offer(self._votes)
        await self._rank(kept.damaged)

    @Slot()
    def _rank_anew(self) -> None:
        self._tasks.start(self._rank(), name="ranking.rank", failed=self._fail)

    async def _rank(self, damaged: int = 0) -> None:
        """Rank the votes in a thread, because two thousand samples take a while."""
        ended = self._begin()
        self._state.setText(tr("Counting…"))
        progress = _told(lambda done, of: self._state.setText(tr("{done} of {of} samples", done=done, of=of)))
        votes, wanted = self._votes, self._filters.wanted

        def seen() -> tuple[Counts, Ranking]:
            """Return the counted votes and a quick ranking, which are shown at once."""
            counts = counted_votes(votes, wanted)
            return counts, first_look(counts, RankingOptions())

        try:
            counts, ranking = await asyncio.to_thread(seen)
            if ended is not self._under_way:
                return
            self._draw(ranking, is_whole=False)
            ranking = await asyncio.to_thread(
                ranked, counts, RankingOptions(), progress=progress, is_cancelled=ended.is_set
            )
            texts = await asyncio.to_thread(lambda: (sentences(ranking), notices(ranking)))
            lengths = await self._lengths(votes, wanted)
        except Cancelled:
            return
        finally:
            ended.set()  # also where this was cancelled, as at quit: the thread ends soon
        if ended is self._under_way:
            self._claimed, self._known = texts[0], (*texts[1], *filter(None, (lengths,)))
            self._show(ranking, damaged)

    async def _lengths(self, votes: tuple[Vote, ...], wanted: VoteFilter) -> Phrase | None:
        """Describe the effect of response length on votes, as far as the responses are still stored."""
        ids = [answer for vote in votes if wanted.against(vote) is None for answer in vote.answers]
        if not ids:
            return None
        votes_kept = (await self._services.store()).votes
        self._edited = await votes_kept.edited_since(votes)
        lengths = await votes_kept.lengths(ids)
        return length_notice(await asyncio.to_thread(length_effect, votes, wanted, lengths))

    def _draw(self, ranking: Ranking, *, is_whole: bool) -> None:
        """Show the plot and the table of wins."""
        self._draw_intervals(ranking, is_whole=is_whole)
        self._show_wins(ranking)

    def _draw_intervals(self, ranking: Ranking, *, is_whole: bool) -> None:
        theme = self._themes.current
        self.plot.show_rows([_row(each, self._colour(each.name, theme), ranks=is_whole) for each in ranking.models])
        if not ranking.models and self.plot.hasFocus():
            self._close.setFocus()  # what goes passes the keyboard on to whatever stands next
        self.plot.setVisible(bool(ranking.models))

    def _show_wins(self, ranking: Ranking) -> None:
        self._wins.show(ranking)
        self._table.setVisible(bool(ranking.models))
        self._size_table()

    def _size_table(self) -> None:
        """Set column widths that fit the names, within limits and without measuring thousands of rows."""
        header, letters = self._table.horizontalHeader(), self.fontMetrics()
        header.setDefaultSectionSize(_LEAST_COLUMN)
        for place, name in enumerate(self._wins.columns):
            header.resizeSection(place, min(max(letters.horizontalAdvance(name) + 28, _LEAST_COLUMN), _MOST_COLUMN))
        self._table.setFixedHeight(_height_of(self._table))

    def _show(self, ranking: Ranking, damaged: int) -> None:
        """Show the complete ranking."""
        self._ranking = ranking
        self._draw(ranking, is_whole=True)
        sentences = [tr(each) for each in (*self._claimed, *self._known)]
        if not ranking.models:
            sentences.insert(
                0, tr("There are no votes yet. To start a blind round, press Ctrl+Shift+B in a comparison.")
            )
        if damaged:
            sentences.append(trn("{n} vote could not be read.", "{n} votes could not be read.", damaged))
        if left_out := self._wins.left_out:
            sentences.append(
                trn(
                    "Wins for {n} more model are not shown.",
                    "Wins for {n} more models are not shown.",
                    left_out,
                )
            )
        side = "\u200f" if self.isRightToLeft() else ""  # else a model's name turns its line round
        self._said.setText("\n".join(f"{side}{each}" for each in sentences))
        self._state.setText(trn("{n} vote", "{n} votes", ranking.counts.total))
        self._list(None)

    def _shown(self) -> ShownRanking | None:
        if self._ranking is None:
            return None
        picture = self.plot.grab().toImage()
        counted = [each for each in self._votes if self._filters.wanted.against(each) is None]
        return ShownRanking(self._votes, counted, self._ranking, self._claimed, self._known, picture)

    def _colour(self, name: str, theme: Theme) -> str:
        connection, slash, model = name.partition("/")
        return self._marks.colour(ModelRef(connection=connection, name=model), theme) if slash else theme.accent

    @Slot(QModelIndex)
    def _open_cell(self, index: QModelIndex) -> None:
        names = self._wins.names
        self._list((names[index.row()], names[index.column()]))

    def _list(self, pair: tuple[str, str] | None) -> None:
        """List the votes on a pair of models, the newest first."""
        self._behind.clear()
        wanted = self._filters.wanted
        votes = [
            vote
            for vote in reversed(self._votes)
            if pair is not None and wanted.against(vote) is None and {*pair} <= {each.model for each in vote.contenders}
        ]
        self._behind_title.setText(tr("Votes between {a} and {b}", a=pair[0], b=pair[1]) if pair else "")
        for vote in votes[:_MOST_LISTED]:
            self._behind.addItem(_vote_line(vote, was_edited=vote.id in self._edited))
        for each in (self._behind, self._behind_title):
            each.setVisible(bool(votes))

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(16, 10, 16, 10)
        top.setSpacing(12)
        top.addWidget(self._filters, 1)
        for each in (self._state, self._export, self._close):
            each.setMinimumHeight(self._filters.line_height)
            top.addWidget(each, 0, Qt.AlignmentFlag.AlignTop)
        self._table.setModel(self._wins)
        self._table.setAccessibleName(tr("Wins (row against column)"))
        self._table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self._table.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self._table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._table.setTabKeyNavigation(False)
        self._table.setProperty("role", "figures")
        self._table.setFrameShape(QFrame.Shape.NoFrame)
        for header in (self._table.horizontalHeader(), self._table.verticalHeader()):
            header.setTextElideMode(Qt.TextElideMode.ElideMiddle)
            header.setSectionsClickable(False)
            header.setHighlightSections(False)
        self._behind.setAccessibleName(tr("Votes in this cell"))
        inner = QWidget()
        inner.setProperty("role", "canvas")
        column = QVBoxLayout(inner)
        column.setContentsMargins(_MARGIN, 16, _MARGIN, _MARGIN)
        column.setSpacing(14)
        column.addWidget(self.plot)
        column.addWidget(self._said)
        column.addWidget(label(tr("Wins (row against column)"), "strong"))
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
        self._filters.changed.connect(self._rank_anew)
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
            self.plot.show_rows([_row(each, self._colour(each.name, theme)) for each in self._ranking.models])

    @Slot()
    def _ask_where(self) -> None:
        self._writer.ask_where(self)

    def _fail(self, error: ParagoneError) -> None:
        self._under_way.set()
        self._state.setText(strings.sentence(error))


def _row(model: RankedModel, colour: str, *, ranks: bool = True) -> IntervalRow:
    low, high = (MIDDLE + SCALE * end for end in model.interval)
    score, ends = f"{model.score:.0f}", {"low": f"{low:.0f}", "high": f"{high:.0f}"}
    if not ranks:
        return IntervalRow(
            model.name, low, model.score, high, colour, tr("{score} ({low}–{high})", score=score, **ends)
        )
    best, worst = model.ranks
    rank = f"{best}" if best == worst else f"{best}–{worst}"
    text = tr("{score} ({low}–{high}), rank {rank}", score=score, rank=rank, **ends)
    return IntervalRow(model.name, low, model.score, high, colour, text)


def _vote_line(vote: Vote, *, was_edited: bool) -> str:
    names = ", ".join(each.model for each in vote.contenders)
    is_told = not (len(vote.prompt) == _DIGEST and vote.prompt == key_of(vote.prompt))
    prompt = " ".join(vote.prompt.split())[:120] if is_told else tr("prompt not saved")
    if was_edited:
        prompt = tr("{prompt} (edited after the vote)", prompt=prompt)
    return tr(
        "{when}: {vote} ({names}) – {prompt}",
        when=strings.when(vote.at, now()),
        vote=outcome_text(vote.outcome),
        names=names,
        prompt=prompt,
    )


def _height_of(table: QTableView) -> int:
    rows = table.model().rowCount() * table.verticalHeader().defaultSectionSize()
    return table.horizontalHeader().sizeHint().height() + rows + 2 * table.frameWidth() + 16


def _told(tell: Callable[[int, int], None]) -> Callable[[int, int], None]:
    """Wrap a progress function so that it can be called from another thread."""
    loop = asyncio.get_running_loop()

    def progress(done: int, of: int) -> None:
        if done % 100 == 0:
            loop.call_soon_threadsafe(tell, done, of)

    return progress
