"""Text for the state and progress of runs and replays. Pure functions."""

from __future__ import annotations

from desktop.domain.suite_cells import RunProgress, RunState
from desktop.formatting.number_format import money as usd_text
from desktop.reports.run_text import STATES
from ui.base import strings
from ui.base.strings import tr, trn


def state_text(state: RunState) -> str:
    """Return a run's state as the start of a line."""
    said = tr(STATES[state])
    return said[:1].upper() + said[1:]


def progress_text(progress: RunProgress, *, is_unpriced: bool) -> str:
    """Describe a run's progress in one line; `is_unpriced` if its cost is incomplete."""
    parts = [state_text(progress.state)]
    if progress.asked < progress.cells:
        parts.append(
            tr(
                "{asked} of {all} responses",
                asked=strings.number_text(progress.asked),
                all=strings.number_text(progress.cells),
            )
        )
    else:
        parts.append(trn("{n} response", "{n} responses", progress.cells))
    if progress.errors:
        parts.append(trn("{n} error", "{n} errors", progress.errors))
    spent = tr(usd_text(progress.spent))
    if progress.cap is not None:
        spent = tr("{spent} of {cap}", spent=spent, cap=tr(usd_text(progress.cap)))
    parts.append(tr("{spent}, excluding unknown prices", spent=spent) if is_unpriced else spent)
    return " · ".join(parts)
