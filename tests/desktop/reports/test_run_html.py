"""The web page of a run: all that can be said of it, every text escaped, nothing fetched, no address."""

from __future__ import annotations

import msgspec
import pytest

from desktop.domain.conversation_types import ModelRef
from desktop.domain.suite_cells import CellKey, CellRecord
from desktop.evals.execution.run_results import results
from desktop.evals.judges.judge_facts import JudgeFacts
from desktop.evals.suites.suite import Case, GraderSpec, Prompt, SuiteContender
from desktop.reports.ranking_html import PageWords
from desktop.reports.run_lines import RunFacts
from desktop.reports.run_report import RunReportFormat, report_of, write_report
from desktop.text.phrases import Phrase
from tests.desktop.evals.made_runs import NOON, record, run_of, suite
from tests.desktop.evals.reports.test_run_tables import Kept
from tests.desktop.reports.test_ranking_html import VOID, Reader

EVIL = '<script>alert("x")</script>\u202e&amp;<img src=http://evil.example>'
HIGHEST = ("script", "img", "link", "iframe", "object", "a")


@pytest.fixture(autouse=True)
def known_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.desktop.reports.test_ranking_html.VOID", VOID | {"rect", "br"})


def evil_facts() -> tuple[RunFacts, list[CellRecord]]:
    contenders = tuple(
        SuiteContender(model=ModelRef(connection="lab", name=name), label=f"{name}{EVIL}", parameters={EVIL: EVIL})
        for name in "ab"
    )
    case = Case(
        prompt=0,
        origin=0,
        vars={"q": EVIL},
        tags=(EVIL,),
        description=EVIL,
        graders=(GraderSpec(type="x", value=EVIL),),
    )
    of = suite((case,), contenders, name=EVIL, prompts=(Prompt(turns=("{{q}}", "{{q}}")),), system=EVIL)
    records = [record(0, 0, 1.0, EVIL), record(0, 1, 0.0, EVIL, note=EVIL, reviewed=False)]
    run = run_of(of, repeats=2)
    found = results(
        run,
        of,
        [each.head for each in records],
        judges=[JudgeFacts(judge="j", model=EVIL, in_pairs=False, items=1, calls=1)],
    )
    return RunFacts(run=run, suite=of, results=found, at=NOON, version="1.2"), records


async def written(facts: RunFacts, records: list[CellRecord], words: PageWords | None = None) -> str:
    pieces: list[str] = []
    await write_report(report_of(RunReportFormat.HTML, facts, words or PageWords()), Kept(records), pieces.append)
    return "".join(pieces)


def plain_facts(cases: int = 20, names: str = "ab", more: str = "") -> tuple[RunFacts, list[CellRecord]]:
    of = suite(cases, names, system="Be brief.")
    records = [
        record(case, place, float(case % (place + 1) == 0), f"Answer {case} of {name}{more}")
        for case in range(cases)
        for place, name in enumerate(names)
    ]
    run = run_of(of, cap=2.0)
    found = results(run, of, [each.head for each in records])
    return RunFacts(run=run, suite=of, results=found, at=NOON, version="1.2"), records


async def test_it_says_what_can_be_said_and_shows_every_answer() -> None:
    found = Reader(await written(*plain_facts()))
    assert not found.open
    for said in (
        "lab/a is better than lab/b: 50 points (", "20 cases", "Answer 19 of b", "What is q7?", "Be brief.",
        "d" * 64, "served by served-7", "request ID req-1", "It lacks “Canberra”.", "Pairwise comparison", "created on",
    ):  # fmt: skip
        assert said in found.text
    assert found.tags.count("details") == 20
    assert (found.tags.count("svg"), found.tags.count("rect"), found.tags.count("circle")) == (3, 2, 4)


async def test_every_text_is_escaped_and_nothing_is_fetched_or_run() -> None:
    text = await written(*evil_facts())
    found = Reader(text)
    assert {*HIGHEST}.isdisjoint(found.tags)
    assert found.text.count("alert") > 10
    assert "default-src 'none'" in text
    assert "<script" not in text
    assert not found.open


async def test_no_address_of_a_server_stands_in_it() -> None:
    of = suite(1, ["a"])
    records = [record(0, 0, "error")]
    run = run_of(of)
    facts = RunFacts(run=run, suite=of, results=results(run, of, [each.head for each in records]), at=NOON)
    text = await written(facts, records)
    assert "lab refused it." in text
    for said in (
        "API format chat",
        "api-version 2026-11-01",
        "fingerprint fp_7",
        "1 earlier attempt",
        "2026-11-28 12:00:00 UTC",
    ):
        assert said in text
    assert "example.com" not in text


async def test_without_a_score_there_is_no_picture_and_a_cell_that_was_not_asked_is_empty() -> None:
    of = suite(2)
    run = run_of(of)
    records = [record(1, 0, "error")]
    facts = RunFacts(run=run, suite=of, results=results(run, of, [each.head for each in records]), at=NOON)
    text = await written(facts, records)
    assert "<svg" not in text
    assert "<td></td>" in text


async def test_repeats_stand_in_one_cell() -> None:
    of = suite(1, ["a"], repeats=3)
    records = [
        msgspec.structs.replace(record(0, 0, scored), key=CellKey(0, 0, repeat))
        for repeat, scored in enumerate((1.0, 0.0, 1.0))
    ]
    run = run_of(of)
    facts = RunFacts(run=run, suite=of, results=results(run, of, [each.head for each in records]), at=NOON)
    found = Reader(await written(facts, records))
    assert "✓✗✓" in found.text
    assert "repeat 3" in found.text


async def test_it_is_in_the_language_and_the_direction_of_its_words() -> None:
    def said(words: Phrase) -> str:
        return f"*{words}"

    text = await written(*plain_facts(), PageWords("ar", True, said))
    assert '<html lang="ar" dir="rtl">' in text
    assert "*Pairwise comparison" in text
    bar = text[text.index('<rect class="bar" x="') :].split('"')
    assert float(bar[3]) + float(bar[7]) == pytest.approx(900 - 230)  # from the right
