"""Results of a replay as JSON, as documented for programs. Pure functions."""

from __future__ import annotations

import msgspec

from desktop.domain.conversation_types import JsonValue
from desktop.domain.suite_cells import CellRecord, CellStatus, RunRecord
from desktop.replay.outcomes import OutcomeShare
from desktop.replay.replay_estimate import ReplayEstimate
from desktop.replay.replay_plan import ReplayPlan, plan_of
from desktop.replay.replay_results import ModelFigures, ReplayResults, SuccessorResult


def estimate_json(plan: ReplayPlan, found: ReplayEstimate) -> dict[str, JsonValue]:
    """Return what a replay would send and cost."""
    return {
        "items": len(plan.items),
        "conversations": plan.conversations,
        "rebuilt": plan.rebuilt,
        "excluded": dict(plan.excluded),
        "dropped_parameters": list(plan.dropped),
        "calls": found.calls,
        "judge_calls": found.judge_calls,
        "models": [msgspec.to_builtins(each) for each in found.models],
        "cost_low": found.cost_low,
        "cost_high": found.cost_high,
        "reviews": found.reviews,
        "detectable": round(found.equal_shown, 3),
    }


def answer_json(run_id: str, plan: ReplayPlan, record: CellRecord) -> dict[str, JsonValue]:
    """Return a successor's answer as an event."""
    status = "error" if record.status is CellStatus.ERROR else "answered"
    event: dict[str, JsonValue] = {
        "event": "answer",
        "id": run_id,
        "item": record.key.case,
        "model": str(plan.contenders[record.key.contender]),
        "status": status,
        "cost": record.figures.cost if record.figures is not None else None,
    }
    if record.key.contender >= len(plan.models):
        event["control"] = True
    if record.problem is not None:
        event["error"] = {"code": record.problem.code, "message": record.problem.message}
    return event


def results_json(results: ReplayResults) -> dict[str, JsonValue]:
    """Return everything about a replay."""
    plan = results.plan
    return {
        "id": results.id,
        "of": plan.of,
        "state": results.state.value,
        "reason": results.reason,
        "created_at": results.created_at.isoformat(),
        "spent_usd": results.spent,
        "items": len(plan.items),
        "conversations": plan.conversations,
        "rebuilt": plan.rebuilt,
        "excluded": dict(plan.excluded),
        "dropped_parameters": list(plan.dropped),
        "judge": plan.judge or None,
        "review_planned": plan.review,
        "reviewed": results.reviewed,
        "to_review": results.to_review,
        "control": None if results.control is None else _share(results.control),
        "position": _share(results.position),
        "oneself": _share(results.oneself),
        "verdicts": [verdict_json(results, each) for each in results.successors],
    }


def verdict_json(results: ReplayResults, result: SuccessorResult) -> dict[str, JsonValue]:
    """Return the verdict on one successor as an event."""
    return {
        "event": "verdict",
        "id": results.id,
        "state": results.state.value,
        "model": result.model,
        "verdict": result.code,
        "theta": result.theta,
        "low": result.low,
        "high": result.high,
        "method": None if result.theta is None else result.method.value,
        "n_own": result.n_own,
        "n_judge": result.n_judge,
        "clusters": result.clusters,
        "margin": results.plan.margin,
        "slightly_less": result.slightly_less,
        "further": result.further,
        "tally": dict(result.tally._asdict()),
        "answered": result.answered,
        "errors": dict(result.errors),
        "cost_ratio": _ratio(result.cost),
        "ttft_ratio": _ratio(result.ttft_ms),
        "longer_won": _share(result.longer_won),
        "signals": dict(result.signals),
        "by_kind": [
            {
                "kind": each.kind,
                "wins": each.tally.wins,
                "ties": each.tally.ties,
                "losses": each.tally.losses,
                "theta": each.theta,
                "low": each.low,
                "high": each.high,
                "verdict": each.verdict.value,
                "exploratory": True,
            }
            for each in result.by_kind
        ],
        "regressions": [
            {"item": each.item, "by_reviewer": each.by_reviewer, "signals": list(each.signals)}
            for each in result.regressions
        ],
    }


def listed_json(run: RunRecord) -> dict[str, JsonValue]:
    """Return a replay in the form that `list --json` prints. The record must include its plan."""
    plan = plan_of(run)
    return {
        "id": run.id,
        "of": plan.of,
        "models": [str(each) for each in plan.models],
        "state": run.state.value,
        "created_at": run.created_at.isoformat(),
    }


def _ratio(comparison: ModelFigures | None) -> float | None:
    return None if comparison is None else comparison.ratio


def _share(share: OutcomeShare) -> dict[str, JsonValue]:
    low, high = (None, None) if share.interval is None else share.interval
    return {"part": share.part, "whole": share.whole, "low": low, "high": high}
