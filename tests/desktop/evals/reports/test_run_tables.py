"""CSV, JSON lines and JUnit of a run: an entry for each answer, safe for what reads them, without any address."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from xml.etree import ElementTree as ET

import msgspec

from desktop.domain.message_parts import ToolCallPart, ToolResultPart, ToolStatus
from desktop.domain.suite_cells import CellCall, CellKey, CellRecord
from desktop.evals.execution.run_results import results
from desktop.evals.suites.suite import Suite
from desktop.receipts.receipt import EarlierTry, Receipt
from desktop.reports.ranking_html import PageWords
from desktop.reports.run_csv import COLUMNS
from desktop.reports.run_lines import RunFacts
from desktop.reports.run_report import CASES_AT_ONCE, RunReportFormat, report_of, write_report
from tests.desktop.evals.made_runs import NOON, record, run_of, suite

EVIL = '=cmd|" /C calc"!A0\x00\x0b\ud800 </failure>]]>&<b>'


class Kept:
    """Where answers lie; it remembers how many cases it was asked for at once."""

    def __init__(self, records: Sequence[CellRecord]) -> None:
        self._records = records
        self.most = 0

    async def records(self, run_id: str, cases: Sequence[int] | None = None) -> list[CellRecord]:
        assert cases is not None
        self.most = max(self.most, len(cases))
        return [each for each in self._records if each.key.case in cases]

    async def receipt(self, run_id: str, key: CellKey) -> Receipt | None:
        assert any(each.key == key for each in self._records)
        return Receipt(
            at=NOON, wire="chat", url="https://lab.example.com/v1?api-version=2026-11-01&key=x", body="",
            fingerprint="fp_7", tries=(EarlierTry(reason="busy", wait_s=1.0),),
        )  # fmt: skip


def facts_of(of: Suite, records: Sequence[CellRecord]) -> RunFacts:
    run = run_of(of)
    return RunFacts(run=run, suite=of, results=results(run, of, [each.head for each in records]), at=NOON, seconds=6.0)


async def written(form: RunReportFormat, of: Suite, records: Sequence[CellRecord]) -> str:
    pieces: list[str] = []
    await write_report(report_of(form, facts_of(of, records), PageWords()), Kept(records), pieces.append)
    return "".join(pieces)


RECORDS = [
    record(0, 0, 1.0, "Canberra\nof course"),
    record(0, 1, 0.0, EVIL),
    record(1, 0, "error"),
    record(1, 1, None, "+1"),
]


async def test_markdown_has_conclusions_and_a_row_a_case_and_takes_nothing_for_markdown() -> None:
    text = await written(RunReportFormat.MARKDOWN, suite(2), RECORDS)
    rows = [line for line in text.partition("## Cases")[2].splitlines() if line.startswith("|")]
    assert [row.split(" | ")[-2:] for row in rows[2:]] == [["✓", "✗ |"], ["error", "– |"]]
    assert all(row.replace("\\|", "").count("|") == rows[0].count("|") for row in rows)
    named = suite(2)
    evil = msgspec.structs.replace(named, name="[x](http://evil.example) | <b>")
    assert "[x](" not in await written(RunReportFormat.MARKDOWN, evil, RECORDS)


async def test_csv_has_a_row_an_answer_and_nothing_else() -> None:
    rows = list(csv.DictReader(io.StringIO(await written(RunReportFormat.CSV, suite(2), RECORDS))))
    assert len(rows) == 4
    assert [row["status"] for row in rows] == ["passed", "failed", "error", "ungraded"]
    assert (rows[0]["case"], rows[0]["contender"], rows[0]["score"], rows[0]["prompt"]) == (
        "0",
        "0",
        "1.0",
        "What is q0?",
    )
    assert rows[0]["answer"] == "Canberra\nof course"
    assert rows[2]["reasons"] == "lab refused it."


async def test_no_cell_of_csv_is_worked_out_by_a_spreadsheet() -> None:
    rows = list(csv.reader(io.StringIO(await written(RunReportFormat.CSV, suite(2), RECORDS))))
    assert rows[0] == [*COLUMNS]
    cells = [cell for row in rows[1:] for cell in row]
    assert {'\'=cmd|" /C calc"!A0�\x0b? </failure>]]>&<b>', "'+1"} <= {*cells}
    assert not [cell for cell in cells if cell[:1] in tuple("=+@")]


async def test_json_lines_are_those_of_a_run() -> None:
    lines = [json.loads(line) for line in (await written(RunReportFormat.JSONL, suite(2), RECORDS)).splitlines()]
    assert [line["event"] for line in lines] == ["answer"] * 4 + ["end"]
    assert lines[1] | {"text": ""} == {
        "event": "answer", "case": 0, "contender": 1, "repeat": 0, "status": "failed", "score": 0.0,
        "reasons": ["It lacks “Canberra”."], "text": "",
    }  # fmt: skip
    assert lines[2]["reasons"] == ["lab refused it."]
    end = lines[-1]
    assert (end["id"], end["state"], end["cases"], end["repeats"]) == ("0123abcd", "complete", 2, 1)
    assert [each["passed"] for each in end["contenders"]] == [1, 0]
    assert end["pairs"][0]["verdict"] == "too_few"


async def test_junit_has_a_testcase_an_answer_with_failures_and_errors_apart() -> None:
    root = ET.fromstring(await written(RunReportFormat.JUNIT, suite(2), RECORDS))
    (whole,) = root
    counts = {name: whole.attrib[name] for name in ("tests", "failures", "errors", "skipped", "time")}
    assert counts == {"tests": "4", "failures": "1", "errors": "1", "skipped": "1", "time": "6.000"}
    cases = whole.findall("testcase")
    assert [[child.tag for child in case] for case in cases] == [[], ["failure"], ["error"], ["skipped"]]
    assert cases[1][0].attrib == {"type": "contains", "message": "It lacks “Canberra”."}
    assert (cases[2][0].attrib["type"], cases[2][0].attrib["message"]) == ("rate_limited", "lab refused it.")
    assert cases[0].attrib == {"name": "case 1", "classname": "lab/a", "time": "1.500"}


async def test_what_xml_cannot_hold_is_replaced() -> None:
    root = ET.fromstring(await written(RunReportFormat.JUNIT, suite(2), RECORDS))
    (failure,) = root.iter("failure")
    assert failure.text == '=cmd|" /C calc"!A0��� </failure>]]>&<b>'


async def test_few_cases_are_in_memory_at_once_and_none_is_left_out() -> None:
    of = suite(2 * CASES_AT_ONCE + 1, ["a"])
    records = [record(case, 0, 1.0) for case in range(len(of.cases))]
    kept, pieces, told = Kept(records), list[str](), list[tuple[int, int]]()
    report = report_of(RunReportFormat.CSV, facts_of(of, records), PageWords())
    await write_report(report, kept, pieces.append, lambda done, of: told.append((done, of)))
    assert kept.most == CASES_AT_ONCE
    assert len("".join(pieces).splitlines()) == 1 + len(records)
    assert told[-1] == (41, 41)


async def test_a_persons_verdict_is_a_reason_too() -> None:
    lines = await written(RunReportFormat.JSONL, suite(1, ["a"]), [record(0, 0, "failed", grades=(), reviewed=False)])
    assert json.loads(lines.splitlines()[0])["reasons"] == ["Decided by human review."]


def with_call(at: int, text: str) -> CellRecord:
    """A failed response after a tool call whose arguments and result are these."""
    call = ToolCallPart(id="1", name="find", server="web", arguments=text)
    result = ToolResultPart(call="1", status=ToolStatus.OK, text=text, duration_ms=12.0)
    made = record(0, at, 0.0, "Nothing found.")
    return msgspec.structs.replace(made, calls=(CellCall(turn=0, at=0, call=call, result=result),))


async def test_tool_calls_are_in_every_format() -> None:
    records = [with_call(0, EVIL), record(0, 1, 1.0, "Yes")]
    of = suite(1)
    (first, second) = csv.DictReader(io.StringIO(await written(RunReportFormat.CSV, of, records)))
    assert (first["tool_calls"], first["tool_ms"], second["tool_calls"], second["calls"]) == ("1", "12.0", "", "")
    assert first["calls"].startswith("web/find =cmd")
    told = [json.loads(line) for line in (await written(RunReportFormat.JSONL, of, records)).splitlines()]
    assert told[0]["tool_calls"][0]["status"] == "ok"
    assert "tool_calls" not in told[1]
    junit = ET.fromstring(await written(RunReportFormat.JUNIT, of, records))
    (failure,) = junit.iter("failure")
    assert (failure.text or "").startswith("web/find")
    page = await written(RunReportFormat.HTML, of, records)
    assert "web/find" in page
    assert "]]&gt;&amp;&lt;b&gt;" in page
    assert "<b>" not in page
