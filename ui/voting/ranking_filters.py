"""What chooses the votes that count: a tag, a judge, a time, and how they were given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from desktop.domain import now
from desktop.phrases import phrase
from desktop.voting.tally import VoteFilter
from desktop.voting.vote import Vote
from ui.strings import tr
from ui.widgets.inputs import ChoiceBox
from ui.widgets.wrapping_layout import WrapLayout

_TIMES = (
    (phrase("All time"), None),
    (phrase("Last 7 days"), 7),
    (phrase("Last 30 days"), 30),
    (phrase("Last 90 days"), 90),
    (phrase("Last 365 days"), 365),
)

_MOST, _LONGEST = 500, 200
"""Tags and judges that are offered, and characters of each: a list of thousands takes seconds to be laid out."""


class RankingFilters(QWidget):
    """Tells when another choice is made. Tags and judges are offered where votes have any."""

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
        """The votes that are chosen."""
        days = _TIMES[self._time.currentIndex()][1]
        return VoteFilter(
            tags=(self._tag.currentText(),) if self._tag.currentIndex() > 0 else (),
            judge=self._judge.currentText() if self._judge.currentIndex() > 0 else None,
            since=now() - timedelta(days=days) if days else None,
            sighted=self._sighted.isChecked(),
            leave_named=self._named.isChecked(),
        )

    def offer(self, votes: Iterable[Vote]) -> None:
        """Offer the tags and judges of these, the most used ones where there are many."""
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
    """Offer values, the one that was chosen still chosen where it is there."""
    chosen = box.currentText()
    box.clear()
    box.addItems([every, *values])
    box.setCurrentIndex(max(box.findText(chosen), 0))
    box.setVisible(bool(values))
