"""Proven enough: by kind of prompt, the cheapest model that replays or votes found not to be worse. Pure functions.

A suggestion for people and for a router's configuration; nothing here changes which model is used.
"""

from __future__ import annotations

import asyncio
import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

import msgspec
import yaml

from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import Connection, Kind, ModelRef, Usage, Value
from desktop.domain.suite_cells import RunState
from desktop.errors import ConnectionUnknown, UsageError
from desktop.replay.prompt_kinds import TAG
from desktop.replay.replay_limits import USUAL_MARGIN
from desktop.replay.replay_results import Method, ReplayResults, read_results
from desktop.stats.mean_intervals import anytime_interval
from desktop.stats.noninferiority import SuccessorVerdict, decide
from desktop.store.store import Store
from desktop.voting.arena_votes import without_formula
from desktop.voting.vote import FIRST, SECOND, Vote

EVERYTHING = ""
"""Kind that stands for all prompts."""

FEWEST_VOTES = 10
_PASSING = (SuccessorVerdict.BETTER, SuccessorVerdict.NOT_WORSE)
_TYPICAL = Usage(input_tokens=1_000, output_tokens=300)
"""Tokens by whose price models from votes are compared."""


class ProofSource(StrEnum):
    """What a row rests on. The values are exported, so they must not change."""

    REPLAY = "replay"
    VOTES = "votes"


class ProvenModel(Value, frozen=True, kw_only=True):
    """A model that is not worse than another on a kind of prompt.

    `theta` is its mean outcome, from `low` to `high`; `number` counts the outcomes. `cost_ratio` is its cost as a
    multiple of the other model's, None if unknown. `source` is the replay's ID, or empty for votes.
    """

    kind: str
    of: str
    model: str
    verdict: SuccessorVerdict
    number: int
    theta: float
    low: float
    high: float
    cost_ratio: float | None
    evidence: ProofSource
    source: str = ""

    @property
    def saving(self) -> float | None:
        """Share of the other model's cost that is saved; negative if the model costs more."""
        return None if self.cost_ratio is None else 1 - self.cost_ratio


class _Outcome(NamedTuple):
    kind: str
    verdict: SuccessorVerdict
    number: int
    theta: float
    low: float
    high: float


def from_replays(replays: Iterable[ReplayResults]) -> Iterator[ProvenModel]:
    """Yield the successors that a replay found not to be worse, on everything and by kind, not by a judge alone."""
    for replay in replays:
        for each in replay.successors:
            if each.method is Method.JUDGE_ONLY or each.theta is None or each.low is None or each.high is None:
                continue
            everything = _Outcome(EVERYTHING, each.verdict, each.tally.judged, each.theta, each.low, each.high)
            kinds = (_Outcome(k.kind, k.verdict, k.tally.judged, k.theta, k.low, k.high) for k in each.by_kind)
            for found in (everything, *kinds):
                if found.verdict in _PASSING:
                    yield ProvenModel(
                        **found._asdict(),
                        of=replay.plan.of,
                        model=each.model,
                        cost_ratio=each.cost.ratio if each.cost is not None else None,
                        evidence=ProofSource.REPLAY,
                        source=replay.id,
                    )


def from_votes(
    votes: Sequence[Vote], entry_of: Callable[[ModelRef], Entry], margin: float = USUAL_MARGIN
) -> Iterator[ProvenModel]:
    """Yield the models that blind votes found not to be worse than a dearer one, on everything and by tag.

    Votes may be added at any time, so that the interval is one that is valid at any time.
    """
    outcomes: defaultdict[tuple[str, str, str], list[float]] = defaultdict(list)
    for vote in votes:
        if vote.undone is not None or vote.set_aside is not None or not vote.blind:
            continue
        for one, other, result in vote.outcome.results():
            names = vote.contenders[one].model, vote.contenders[other].model
            if names[0] == names[1]:
                continue
            value = {FIRST: 1.0, SECOND: 0.0}.get(result, 0.5)
            for kind in (EVERYTHING, *(f"{TAG}{tag}" for tag in vote.tags)):
                outcomes[kind, names[1], names[0]].append(value)
                outcomes[kind, names[0], names[1]].append(1 - value)
    for (kind, of, model), values in outcomes.items():
        ratio = _price_ratio(model, of, entry_of)
        if len(values) < FEWEST_VOTES or ratio is None or ratio >= 1:
            continue
        estimate = anytime_interval(values)
        verdict = decide(estimate, margin, len(values)).verdict
        if verdict in _PASSING:
            yield ProvenModel(
                kind=kind,
                of=of,
                model=model,
                verdict=verdict,
                number=len(values),
                theta=estimate.mean,
                low=estimate.interval.low,
                high=estimate.interval.high,
                cost_ratio=ratio,
                evidence=ProofSource.VOTES,
            )


def _price_ratio(model: str, of: str, entry_of: Callable[[ModelRef], Entry]) -> float | None:
    """Return the price of a model as a multiple of another's, None if one is unknown or free."""
    try:
        one, other = (entry_of(ModelRef.parse(each)).cost(_TYPICAL) for each in (model, of))
    except UsageError:
        return None
    return one / other if one is not None and other else None


def cheapest(found: Iterable[ProvenModel]) -> list[ProvenModel]:
    """Return, for each model to replace and kind of prompt, the cheapest model that is not worse.

    Rows of one model begin with everything. Unknown costs come last; between equal ones more outcomes count.
    """
    best: dict[tuple[str, str], ProvenModel] = {}
    for each in found:
        held = best.get((each.of, each.kind))
        if held is None or _rank(each) < _rank(held):
            best[each.of, each.kind] = each
    return [best[key] for key in sorted(best)]


def _rank(each: ProvenModel) -> tuple[bool, float, int]:
    return each.cost_ratio is None, each.cost_ratio or 0.0, -each.number


COLUMNS = ("of", "kind", "model", "verdict", "n", "theta", "low", "high", "saving", "evidence", "source")


def as_csv(rows: Sequence[ProvenModel]) -> str:
    """Return rows as CSV. Texts that a spreadsheet would take for a formula begin with a quote."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        texts = map(without_formula, (row.of, row.kind or "everything", row.model))
        saving = "" if row.saving is None else round(row.saving, 4)
        estimate = (row.number, row.theta, row.low, row.high, saving)
        writer.writerow([*texts, row.verdict.value, *estimate, row.evidence.value, row.source])
    return out.getvalue()


_PROVIDERS = {Kind.AZURE_INFERENCE: "azure_ai", Kind.OPENAI_V1: "openai", Kind.ANTHROPIC: "anthropic"}


def as_litellm(rows: Sequence[ProvenModel], connection_of: Callable[[str], Connection]) -> str:
    """Return rows as a LiteLLM proxy configuration: a model group for each model to replace, and for each kind.

    Addresses and keys are names of environment variables, never values. Models whose connection is unknown or local
    are left out.
    """
    groups: list[dict[str, object]] = []
    for row in rows:
        try:
            model = ModelRef.parse(row.model)
            connection = connection_of(model.connection)
        except (UsageError, ConnectionUnknown):
            continue
        provider = _PROVIDERS.get(connection.kind)
        if provider is None:
            continue
        variable = re.sub(r"[^A-Z0-9]+", "_", connection.name.upper()).strip("_") or "CONNECTION"
        name = row.of.partition("/")[2] or row.of
        groups.append(
            {
                "model_name": f"{name}/{row.kind}" if row.kind else name,
                "litellm_params": {
                    "model": f"{provider}/{model.name}",
                    "api_base": f"os.environ/{variable}_API_BASE",
                    "api_key": f"os.environ/{variable}_API_KEY",
                },
            }
        )
    told = yaml.safe_dump({"model_list": groups}, sort_keys=False, allow_unicode=True)
    return f"# Suggested by Paragone from replays and votes. Review before use.\n{told}"


async def read_proven(store: Store, entry_of: Callable[[ModelRef], Entry]) -> list[ProvenModel]:
    """Return the table from all complete replays and all votes.

    Raises:
        StoreError: If the store cannot be read.
    """
    replays = [
        await read_results(store, run.id) for run in await store.replays.list() if run.state is RunState.COMPLETE
    ]
    votes = (await store.votes.list()).votes
    return await asyncio.to_thread(lambda: cheapest([*from_replays(replays), *from_votes(votes, entry_of)]))


def as_json(rows: Sequence[ProvenModel]) -> list[object]:
    """Return rows as JSON objects."""
    return [{**msgspec.to_builtins(row), "saving": row.saving} for row in rows]
