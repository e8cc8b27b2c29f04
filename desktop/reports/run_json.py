"""Run as JSON for other programs: an object for each response, and one for the results."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from desktop.domain.conversation_types import JsonValue
from desktop.domain.suite_cells import CellRecord, CellStatus, Grade
from desktop.evals.execution.result_values import ContenderResult, PairResult, RunResults
from desktop.evals.judges.judge_facts import JudgeFacts
from desktop.pages.exported_errors import without_address
from desktop.reports.cell_calls import call_json
from desktop.reports.run_lines import RunLines
from desktop.text.phrases import phrase

_BREAKS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "\x85\u2028\u2029"}
"""Characters that some programs treat as line breaks."""


def answer_json(record: CellRecord, connection: str = "") -> dict[str, JsonValue]:
    """Return a response as a line of `run --json`.

    In error messages, addresses are replaced by the connection's name.
    """
    return {
        "event": "answer",
        "case": record.key.case,
        "contender": record.key.contender,
        "repeat": record.key.repeat,
        "status": record.status.value,
        "score": record.score,
        "reasons": list[JsonValue](reasons_of(record, connection)),
        "text": record.text,
        **({"tool_calls": list[JsonValue](map(call_json, record.calls))} if record.calls else {}),
    }


def reasons_of(record: CellRecord, connection: str = "") -> list[str]:
    """Return the reasons for a response's status: its error, or the reasons of its graders unless it passed."""
    if record.status is CellStatus.ERROR:
        said = str(record.problem.message) if record.problem is not None else ""
        return [without_address(said, connection) if connection else said]
    found = [str(each.reason) for each in record.grades if each.passed is not True and each.reason and not _waits(each)]
    if record.reviewed is not None and record.status is not CellStatus.PASSED:
        found.append(record.note or str(phrase("Decided by human review.")))
    return found


def _waits(grade: Grade) -> bool:
    """Whether a grade is the placeholder of a pairwise judge, which does not grade single responses."""
    return not grade.weight and grade.passed is None


def results_json(results: RunResults) -> dict[str, JsonValue]:
    """Return a run's results as printed by `runs show --json`."""
    return {
        "id": results.id,
        "name": results.name,
        "state": results.state.value,
        "spent_usd": results.spent_usd,
        "cases": results.cases,
        "repeats": results.repeats,
        "contenders": [_contender_json(each) for each in results.contenders],
        "pairs": [pair_json(each) for each in results.pairs],
        "tags": [
            {
                "tag": each.tag,
                "cases": each.cases,
                "exploratory": each.exploratory,
                "scores": list[JsonValue](each.scores),
                "pairs": [pair_json(pair) for pair in each.pairs],
            }
            for each in results.tags
        ],
        "judges": [_judge_json(each) for each in results.judges],
        "notices": [str(each) for each in results.notices],
    }


def _judge_json(judge: JudgeFacts) -> dict[str, JsonValue]:
    """Return the facts about a judge. Each share has a part and a whole."""
    shares: dict[str, JsonValue] = {
        name: {"part": share.part, "whole": share.whole}
        for name, share in (("flipped", judge.flipped), ("first_place", judge.first_place), ("longer", judge.longer))
    }
    return {
        "model": judge.model,
        "in_pairs": judge.in_pairs,
        "items": judge.items,
        "errors": judge.errors,
        "ties": judge.ties,
        **shares,
        "shared": judge.people.items if judge.people else 0,
        "agreement": judge.people.share if judge.people else None,
        "kappa": judge.people.kappa if judge.people else None,
        "calibrated": judge.is_calibrated,
        "calls": judge.calls,
        "cost_usd": judge.cost,
        "alike": list[JsonValue](judge.alike),
        "preferences": [
            {
                "a": each.a,
                "b": each.b,
                "wins": each.wins,
                "losses": each.losses,
                "ties": each.ties,
                "p": each.p,
                "verdict": each.verdict.value,
            }
            for each in judge.preferences
        ],
    }


def end_json(results: RunResults) -> dict[str, JsonValue]:
    """Return the results as the last line of `run --json`."""
    return {"event": "end", **results_json(results)}


def _contender_json(each: ContenderResult) -> dict[str, JsonValue]:
    return {
        "contender": each.contender,
        "name": each.name,
        "model": each.model,
        "answered": each.answered,
        "errors": each.errors,
        "passed": each.passed,
        "failed": each.failed,
        "ungraded": each.ungraded,
        "score": each.score,
        "se": each.se,
        "low": each.low,
        "high": each.high,
        "pass_rate": each.pass_rate,
        "pass_low": each.pass_low,
        "pass_high": each.pass_high,
        "cost_usd": each.cost_usd,
        "latency_p50_ms": each.latency_p50_ms,
        "latency_p95_ms": each.latency_p95_ms,
        "self_difference": each.self_difference,
        "server_models": list[JsonValue](each.server_models),
        "tool_calls": each.tool_calls,
        "tool_ms": each.tool_ms,
        "denied_calls": each.denied_calls,
        "unmatched_calls": each.unmatched_calls,
    }


def pair_json(pair: PairResult) -> dict[str, JsonValue]:
    """Return a comparison of two contenders, which are identified by their indexes."""
    return {
        "a": pair.a,
        "b": pair.b,
        "n": pair.n,
        "difference": pair.difference,
        "low": pair.low,
        "high": pair.high,
        "p": pair.p,
        "verdict": pair.verdict.value,
        "se": pair.se,
        "p_alone": pair.p_alone,
        "method": pair.method,
        "pass_rates": None
        if pair.passes is None
        else {"a": pair.passes.a, "b": pair.passes.b, "p": pair.passes.p, "method": pair.passes.method},
    }


class JsonLinesReport(RunLines):
    """Report of a run as JSON Lines, as printed by `run --json`."""

    def case(self, number: int, records: Sequence[CellRecord]) -> Iterator[str]:
        """Yield a line for each response."""
        del number
        for record in records:
            yield self.line(answer_json(record, self.facts.connection_of(record.key.contender)))

    def tail(self) -> Iterator[str]:
        """Yield a line with the results."""
        yield self.line(end_json(self.facts.results))

    def line(self, value: dict[str, JsonValue]) -> str:
        """Return a value as a line of JSON."""
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_BREAKS) + "\n"
