"""Output of a run during and after its execution: lines of text for people, JSON for programs."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from desktop.domain.conversation_types import JsonValue, ModelRef
from desktop.domain.suite_cells import CellRecord, CellStatus, RunState
from desktop.terminal.console import Console, count

if TYPE_CHECKING:
    from desktop.domain.suite_cells import RunProgress, RunRecord
    from desktop.evals.execution.kept_results import KeptResults
    from desktop.evals.execution.run_work import RunEnd


MOST_TOLD, LONGEST_REASON = 20, 200
"""Maximum number of responses whose problems are printed, and maximum characters of each problem."""


def models_in(suite: dict[str, JsonValue]) -> list[ModelRef]:
    """Return the models of a stored suite, by contender."""
    from desktop.evals.suites.suite_file import suite_from_json

    return [each.model for each in suite_from_json(suite).contenders]


class AnswerLines:
    """Prints each response once it is stored, as a line of JSON or as progress of the run."""

    def __init__(self, console: Console, run: RunRecord, progress: RunProgress, *, json: bool) -> None:
        self._console = console
        self._models = models_in(run.suite)
        self._names = run.contenders
        self._repeats = run.repeats
        self._json = json
        self._cells = progress.cells
        self._asked = progress.asked
        self._wrong = 0
        self._counts = {
            CellStatus.FAILED: progress.failed,
            CellStatus.ERROR: progress.errors,
        }

    def begin(self) -> None:
        """Print the initial progress, unless the output is JSON."""
        if not self._json:
            self._tell()

    def add(self, record: CellRecord) -> None:
        """Print a response, as JSON or as progress."""
        from desktop.reports.run_json import answer_json

        if self._json:
            self._console.json(answer_json(record, self._models[record.key.contender].connection))
            return
        self._asked += 1
        self._counts[record.status] = self._counts.get(record.status, 0) + 1
        self.tell_why(record)
        self._tell()

    def tell_why(self, record: CellRecord) -> None:
        """Print the error of a response, or why a judge could not grade it. Only the first problems are printed."""
        from desktop.reports.run_json import reasons_of

        if self._json or record.status is CellStatus.PASSED:
            return
        if record.status is CellStatus.UNGRADED and not any(reasons_of(record)):
            return  # the case has no graders
        self._wrong += 1
        if self._wrong > MOST_TOLD + 1:
            return
        key, model = record.key, self._models[record.key.contender]
        if self._wrong > MOST_TOLD:
            self._console.line("`runs report` lists all of them.")
            return
        why = " ".join(" ".join(reasons_of(record, model.connection)).split())[:LONGEST_REASON]
        again = f", repeat {key.repeat + 1}" if self._repeats > 1 else ""
        self._console.line(f"{record.status}: case {key.case + 1}, {self._names[key.contender]}{again}: {why}")

    def _tell(self) -> None:
        failed, errors = self._counts[CellStatus.FAILED], self._counts[CellStatus.ERROR]
        self._console.status(
            f"{self._asked:,} of {count(self._cells, 'response')}, {failed:,} failed, {count(errors, 'error')}"
        )


def all_passed(kept: KeptResults) -> bool:
    """Whether every response passed. Responses without graders that count toward the score are considered passed."""
    from desktop.evals.judges.judge_run import PAIR_TYPE

    if len(kept.heads) < kept.run.cases * len(kept.run.contenders) * kept.run.repeats:
        return False
    counts = [any(spec.weight > 0 and spec.type != PAIR_TYPE for spec in case.graders) for case in kept.suite.cases]
    return all(
        head.status is CellStatus.PASSED or (head.status is CellStatus.UNGRADED and not counts[head.key.case])
        for head in kept.heads
    )


def run_status(console: Console, kept: KeptResults, state: RunState, arguments: argparse.Namespace) -> int:
    """Return the exit status of a run. Gates alone decide if there are any, and what they found is printed."""
    from desktop.evals.execution.run_gates import Gates, run_gate

    options = ("min_score", "min_pass_rate", "max_errors")
    gates = Gates(**{name: getattr(arguments, name, None) for name in options})
    if gates == Gates():
        return 0 if state is RunState.COMPLETE and all_passed(kept) else 1
    found = run_gate(kept.results, state, gates)
    for sentence in found.sentences:
        console.note(sentence)
    return found.status


def tell_end(console: Console, kept: KeptResults, end: RunEnd, *, json: bool) -> None:
    """Print the results of a run, and how to continue it."""
    from desktop.reports.run_json import end_json

    if json:
        reason: dict[str, JsonValue] = {"reason": str(end.reason)} if end.reason else {}
        console.json({**end_json(kept.results), **reason})
    else:
        show(console, kept)
    if end.state is RunState.COMPLETE:
        if any(head.status is CellStatus.ERROR for head in kept.heads):
            console.note(f"Retry what failed: paragone runs retry {kept.run.id}")
        return
    if end.reason:
        console.error(end.reason, end.hint)
    console.note(f"Responses so far are saved. Continue: paragone runs resume {kept.run.id}")


def show(console: Console, kept: KeptResults) -> None:
    """Print the results of a run for people."""
    from desktop.reports.run_text import CONTENDER_COLUMNS, STATES, contender_cells, sentences

    run = kept.run
    cells = run.cases * len(run.contenders) * run.repeats
    console.line(
        f"{run.name}: {STATES[run.state]}, {len(kept.heads):,} of {count(cells, 'response')}, ${run.spent:.4f}"
    )
    rows = [contender_cells(each) for each in kept.results.contenders]
    # A terminal has no room for eleven columns, so empty columns are excluded
    is_filled = [any(row[column] not in ("", "0") for row in rows) for column in range(len(CONTENDER_COLUMNS))]
    shown = [column for column, says in enumerate(is_filled) if says or not console.is_terminal]
    console.table(
        [str(CONTENDER_COLUMNS[column]) for column in shown], [[str(row[column]) for column in shown] for row in rows]
    )
    for sentence in sentences(kept.results):
        console.line(str(sentence))
    for notice in kept.results.notices:
        console.note(str(notice))
