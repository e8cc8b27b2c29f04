"""Run as JUnit XML for CI servers, with a test case for each response."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from desktop.domain.suite_cells import CellRecord, CellStatus
from desktop.reports.cell_calls import call_lines
from desktop.reports.run_json import reasons_of
from desktop.reports.run_lines import RunFacts, RunLines

_INVALID = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot represent, not even as character references."""

_LONGEST_NAME = 120


class JunitReport(RunLines):
    """JUnit report of a run.

    Failed responses are failures, failed requests errors, and ungraded responses skipped tests.
    """

    def __init__(self, facts: RunFacts) -> None:
        super().__init__(facts)
        self._names = [each.name for each in facts.results.contenders]

    def head(self) -> Iterator[str]:
        """Yield the opening tags, with the counts of all responses."""
        contenders = self.facts.results.contenders
        counts = {
            "tests": sum(each.answered + each.errors for each in contenders),
            "failures": sum(each.failed for each in contenders),
            "errors": sum(each.errors for each in contenders),
            "skipped": sum(each.ungraded for each in contenders),
        }
        facts = " ".join(f'{name}="{number}"' for name, number in counts.items())
        facts = f'{facts} time="{self.facts.seconds:.3f}"'
        name, at = _quoted(self.facts.run.name), f"{self.facts.run.created_at:%Y-%m-%dT%H:%M:%S}"
        yield '<?xml version="1.0" encoding="UTF-8"?>\n'
        yield f"<testsuites name={name} {facts}>\n"
        yield f'<testsuite name={name} {facts} timestamp="{at}" id={_quoted(self.facts.run.id)}>\n'
        yield f'<properties><property name="suite" value={_quoted(self.facts.run.digest)}/></properties>\n'

    def case(self, number: int, records: Sequence[CellRecord]) -> Iterator[str]:
        """Yield a test case for each response."""
        description = " ".join(self.facts.suite.cases[number].description.split())[:_LONGEST_NAME]
        for record in records:
            key = record.key
            repeat = f", repeat {key.repeat + 1}" if self.facts.run.repeats > 1 else ""
            name = f"case {number + 1}{repeat}{f': {description}' if description else ''}"
            seconds = (record.figures.duration_ms or 0.0) / 1000 if record.figures is not None else 0.0
            yield (
                f"<testcase name={_quoted(name)} classname={_quoted(self._names[key.contender])}"
                f' time="{seconds:.3f}">{self._outcome(record)}</testcase>\n'
            )

    def tail(self) -> Iterator[str]:
        """Yield the closing tags."""
        yield "</testsuite>\n</testsuites>\n"

    def _outcome(self, record: CellRecord) -> str:
        if record.status is CellStatus.PASSED:
            return ""
        reasons = reasons_of(record, self.facts.connection_of(record.key.contender))
        message = _quoted("; ".join(reasons) or record.status.value)
        if record.status is CellStatus.UNGRADED:
            return f"<skipped message={message}/>"
        if record.status is CellStatus.ERROR:
            code = record.problem.code if record.problem is not None else "error"
            return f"<error type={_quoted(code)} message={message}>{_text(_answer(record))}</error>"
        grader = next((each.grader for each in record.grades if each.passed is False), "review")
        return f"<failure type={_quoted(grader)} message={message}>{_text(_answer(record))}</failure>"


def _answer(record: CellRecord) -> str:
    """Return a response after its tool calls."""
    return "\n\n".join(filter(None, (call_lines(record), record.text)))


def _valid(text: str) -> str:
    return _INVALID.sub("�", text)


def _quoted(text: str) -> str:
    return quoteattr(_valid(text))


def _text(text: str) -> str:
    return escape(_valid(text), {"\r": "&#13;"})
