"""Run as Markdown for comments and wikis: conclusions and tables first, then one row per case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from desktop.domain.suite_cells import CellRecord, CellStatus
from desktop.formatting.number_format import in_a_line
from desktop.pages.markdown_page import marked_off
from desktop.reports.run_lines import RunLines
from desktop.reports.run_text import (
    CONTENDER_COLUMNS,
    PAIR_COLUMNS,
    STATES,
    contender_cells,
    judge_sentences,
    names_in,
    pair_cells,
    sentences,
)
from desktop.text.phrases import bounded

CASES = "## Cases"
"""Heading of the last section, which a reader of a short text can do without."""

_SIGNS = {CellStatus.PASSED: "✓", CellStatus.FAILED: "✗", CellStatus.ERROR: "error", CellStatus.UNGRADED: "–"}


class MarkdownRunReport(RunLines):
    """Markdown report of a run. Prompts and responses are one line each, and nothing in them is taken for Markdown."""

    def head(self) -> Iterator[str]:
        """Yield the conclusions, and a table of contenders and one of pairs."""
        facts, results = self.facts, self.facts.results
        about = (
            STATES[results.state],
            _count(results.cases, "case"),
            _count(results.repeats, "repeat"),
            f"${results.spent_usd:.4f}",
            f"{facts.at:%Y-%m-%d %H:%M}",
        )
        yield f"# {_said(results.name)}\n\n{' · '.join(map(_said, about))}\n\n"
        yield "".join(f"- {_said(each)}\n" for each in (*sentences(results), *judge_sentences(results))) + "\n"
        yield "".join(f"> {_said(each)}\n\n" for each in results.notices)
        yield _table(CONTENDER_COLUMNS, map(contender_cells, results.contenders))
        if results.pairs:
            names = names_in(results)
            yield _table(PAIR_COLUMNS, (pair_cells(each, names) for each in results.pairs))
        yield f"{CASES}\n\n"
        yield _row(("Case", "Prompt", *names_in(results)))
        yield _row(("---",) * (2 + len(results.contenders)), is_rule=True)

    def case(self, number: int, records: Sequence[CellRecord]) -> Iterator[str]:
        """Yield a row with each contender's outcome, one sign per repeat."""
        suite = self.facts.suite
        case = suite.cases[number]
        cells = [
            " ".join(_SIGNS[each.status] for each in records if each.key.contender == contender)
            for contender in range(len(suite.contenders))
        ]
        yield _row((str(number + 1), case.description or suite.turns(case)[-1], *cells))


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table without the columns that are empty in all rows."""
    filled = [*rows]
    shown = [at for at in range(len(columns)) if any(row[at] not in ("", "0") for row in filled)]
    head = _row([columns[at] for at in shown]) + _row(["---"] * len(shown), is_rule=True)
    return head + "".join(_row([row[at] for at in shown]) for row in filled) + "\n"


def _row(cells: Sequence[str], *, is_rule: bool = False) -> str:
    return f"| {' | '.join(cells if is_rule else map(_said, cells))} |\n"


def _said(text: str) -> str:
    return marked_off(in_a_line(bounded(str(text))))
