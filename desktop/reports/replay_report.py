"""Report of a replay for those who decide: read from the store once, then written in any format."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import cast

from msgspec import Struct

from desktop.domain.conversation_types import JsonValue, now
from desktop.domain.suite_cells import CellKey, CellStatus
from desktop.errors import RunUnknown
from desktop.pages.page_files import named
from desktop.replay.replay_results import Regression, ReplayResults
from desktop.replay.replay_texts import ReplayTexts
from desktop.reports.ranking_html import PageWords
from desktop.reports.replay_document import ReplayFacts, ReportedRegression
from desktop.reports.replay_html import HtmlReplayReport
from desktop.reports.replay_json import results_json
from desktop.reports.replay_markdown import MarkdownReplayReport
from desktop.store.store import Store


class ReplayReportFormat(StrEnum):
    """Formats of a replay's report."""

    HTML = "html"  # one page for screen and print
    PDF = "pdf"  # made by a child process: see desktop/transfer/export/replay_export.py
    MD = "md"
    JSON = "json"  # results as `show --json` prints them, with the texts of regressions


class ReplayReport(Struct, frozen=True, kw_only=True):
    """Complete report, in the words of a language."""

    facts: ReplayFacts
    words: PageWords = PageWords()

    def text(self, form: ReplayReportFormat) -> str:
        """Return the report in a text format. Slow: call it on a thread.

        Raises:
            ValueError: If the format is PDF, which is not text.
        """
        match form:
            case ReplayReportFormat.HTML:
                return _together(HtmlReplayReport(self.facts, self.words).pieces())
            case ReplayReportFormat.MD:
                return _together(MarkdownReplayReport(self.facts, self.words.say).pieces())
            case ReplayReportFormat.JSON:
                return _together([json.dumps(report_json(self.facts), ensure_ascii=False, indent=2), "\n"])
            case ReplayReportFormat.PDF:
                raise ValueError("a PDF is no text")


async def read_report(
    store: Store,
    results: ReplayResults,
    *,
    version: str,
    words: PageWords | None = None,
    at: datetime | None = None,
) -> ReplayReport:
    """Return the report of results, with the texts of their regressions.

    Raises:
        StoreError: If the store cannot be read.
    """
    texts = ReplayTexts(store)
    regressions = [
        tuple([await _reported(store, results, texts, regression) for regression in successor.regressions])
        for successor in results.successors
    ]
    facts = ReplayFacts(results=results, regressions=tuple(regressions), version=version, at=at or now())
    return ReplayReport(facts=facts, words=words or PageWords())


async def _reported(
    store: Store, results: ReplayResults, texts: ReplayTexts, regression: Regression
) -> ReportedRegression:
    item = results.plan.items[regression.item]
    request = await texts.request(item)
    try:
        record = await store.replays.cell(results.id, CellKey(regression.item, regression.contender, 0))
    except RunUnknown:
        record = None
    if request is None or record is None or record.status is CellStatus.ERROR:
        return ReportedRegression(regression=regression, incumbent=str(item.model))
    return ReportedRegression(
        regression=regression,
        incumbent=str(item.model),
        prompt=request.prompt.text,
        before=request.answer.text,
        now=record.text,
        earlier=len(request.history),
        files=tuple(named(part).name for part in request.prompt.files),
    )


def report_json(facts: ReplayFacts) -> dict[str, JsonValue]:
    """Return everything about a replay, with the texts of regressions.

    The reason why a replay stopped is left out, since it can quote a server's address.
    """
    found = results_json(facts.results)
    del found["reason"]
    verdicts = cast("list[dict[str, JsonValue]]", found["verdicts"])
    for verdict, reported in zip(verdicts, facts.regressions, strict=True):
        verdict["regressions"] = [_regression_json(each) for each in reported]
    return {"schema": "paragone-replay-report/1", "version": facts.version, "at": facts.at.isoformat(), **found}


def _regression_json(each: ReportedRegression) -> JsonValue:
    return {
        "item": each.regression.item,
        "by_reviewer": each.regression.by_reviewer,
        "signals": list(each.regression.signals),
        "deleted": each.prompt is None,
        "incumbent": each.incumbent,
        "prompt": each.prompt,
        "earlier_messages": each.earlier,
        "attachments": list(each.files),
        "incumbent_answer": None if each.prompt is None else each.before,
        "successor_answer": None if each.prompt is None else each.now,
    }


def _together(pieces: Iterable[str]) -> str:
    """Return the joined parts, with replacements for characters that cannot be encoded."""
    return "".join(pieces).encode("utf-8", "replace").decode()
