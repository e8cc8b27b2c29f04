"""Run as CSV: one row per response, protected against formula injection in spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from desktop.domain.suite_cells import CellRecord
from desktop.reports.cell_calls import call_lines
from desktop.reports.run_json import reasons_of
from desktop.reports.run_lines import RunFacts, RunLines
from desktop.voting.arena_votes import without_formula

COLUMNS = (
    *("case", "contender", "repeat", "name", "model", "status", "score", "prompt", "answer", "reasons"),
    *("tags", "description", "latency_ms", "first_token_ms", "cost_usd", "input_tokens", "output_tokens"),
    *("server_model", "reviewed", "note", "tool_calls", "tool_ms", "calls"),
)


class CsvReport(RunLines):
    """CSV report of a run. Texts that a spreadsheet would interpret as a formula are prefixed with an apostrophe."""

    def __init__(self, facts: RunFacts) -> None:
        super().__init__(facts)
        self._names = [each.name for each in facts.results.contenders]

    def head(self) -> Iterator[str]:
        """Yield the header row."""
        yield _line(COLUMNS)

    def case(self, number: int, records: Sequence[CellRecord]) -> Iterator[str]:
        """Yield a row for each response."""
        suite = self.facts.suite
        case = suite.cases[number]
        prompt = "\n\n".join(suite.turns(case))
        for record in records:
            contender, figures, usage = record.key.contender, record.figures, record.usage
            model = suite.contenders[contender].model
            yield _line(
                (
                    *map(str, record.key),
                    *_texts(self._names[contender], str(model)),
                    record.status.value,
                    _number(record.score),
                    *_texts(prompt, "\n\n".join(record.answers), "; ".join(reasons_of(record, model.connection))),
                    *_texts("; ".join(case.tags), case.description),
                    _number(figures.duration_ms if figures else None),
                    _number(figures.ttft_ms if figures else None),
                    _number(figures.cost if figures else None),
                    _number(usage.input_tokens if usage else None),
                    _number(usage.output_tokens if usage else None),
                    *_texts((figures.server_model if figures else None) or ""),
                    "" if record.reviewed is None else "pass" if record.reviewed else "fail",
                    *_texts(record.note),
                    "" if record.calls is None else str(len(record.calls)),
                    _number(record.head.tool_ms),
                    *_texts(call_lines(record)),
                )
            )


def _texts(*texts: str) -> Iterator[str]:
    return (without_formula(text.replace("\0", "�")) for text in texts)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value!r}"


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode("utf-8", "replace").decode()
