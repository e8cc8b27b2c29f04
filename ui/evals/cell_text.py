"""Text for cells and repeats. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from desktop.domain.suite_cells import CellHead, CellStatus, Grade
from desktop.formatting.number_format import money as usd_text
from desktop.reports.run_text import STATUSES
from ui.base import strings
from ui.base.strings import tr, trn
from ui.widgets.labels import isolated

ICONS = {
    CellStatus.PASSED: "check",
    CellStatus.FAILED: "x",
    CellStatus.UNGRADED: "minus",
    CellStatus.ERROR: "circle-alert",
}
_WORST = (CellStatus.FAILED, CellStatus.ERROR, CellStatus.UNGRADED, CellStatus.PASSED)
_SECOND = 1000


class CellSummary(Struct, frozen=True):
    """Summary of the repeats of a case by one contender: worst status, first line, time and score."""

    status: CellStatus
    said: str
    line: str
    figures: str

    @property
    def spoken(self) -> str:
        """All parts as one text for screen readers."""
        return ". ".join(filter(None, (self.said, self.line, self.figures)))


def summary(heads: Sequence[CellHead], repeats: int) -> CellSummary | None:
    """Summarize the repeats of a cell, or return None if none has been sent yet."""
    if not heads:
        return None
    counted = Counter(each.status for each in heads)
    worst = next(status for status in _WORST if counted[status])
    outcome = tr(STATUSES[worst])
    if repeats > 1:
        outcome = tr("{n} of {all} passed", n=counted[CellStatus.PASSED], all=len(heads))
        if counted[CellStatus.ERROR]:
            outcome = f"{outcome}, {trn('{n} error', '{n} errors', counted[CellStatus.ERROR])}"
    shown = next((each for each in heads if each.status is worst), heads[0])
    return CellSummary(worst, outcome, shown.first_line, _figures(heads))


def _figures(heads: Sequence[CellHead]) -> str:
    times = [each.latency_ms for each in heads if each.latency_ms is not None]
    scores = [each.score for each in heads if each.score is not None]
    parts: list[str] = []
    if times:
        parts.append(duration(sum(times) / len(times)))
    if scores and (mean := sum(scores) / len(scores)) not in (0.0, 1.0):
        parts.append(tr("score {score}", score=strings.decimal(mean, 2)))
    return " · ".join(parts)


def duration(ms: float) -> str:
    """Format a duration in milliseconds, or in seconds from one second up."""
    return tr("{ms} ms", ms=f"{ms:.0f}") if ms < _SECOND else tr("{n} s", n=strings.decimal(ms / _SECOND, 1))


def percent(share: float | None) -> str:
    """Format a share as a percentage, or return a dash for None."""
    return "–" if share is None else tr("{n}%", n=strings.number_text(round(share * 100)))


def money(usd: float | None) -> str:
    """Format US dollars with significant digits, or return a dash for None."""
    return "–" if usd is None else tr(usd_text(usd))


def grade_text(grade: Grade) -> str:
    """Describe a grade in one line."""
    if grade.passed is None:
        value = tr("not graded")
    else:
        value = tr(STATUSES[CellStatus.PASSED if grade.passed else CellStatus.FAILED])
    name = f"{grade.metric} ({grade.grader})" if grade.metric else grade.grader
    if grade.score not in (None, 0.0, 1.0):
        value = f"{value} ({strings.decimal(grade.score or 0.0, 2)})"
    line = tr("{name}: {value}.", name=isolated(name), value=value)
    return f"{line} {isolated(grade.reason)}" if grade.reason else line
