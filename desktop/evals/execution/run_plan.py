"""Plan of a run: all cells of a suite in an order shuffled by a seed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime
from random import Random

import msgspec

from desktop.domain.conversation_types import JsonValue, ModelRef, Value, new_id, now
from desktop.domain.suite_cells import CellKey, RunRecord, RunState
from desktop.errors import StoreError, UsageError
from desktop.evals.suites.suite import Suite, SuiteContender
from desktop.evals.suites.suite_file import suite_from_json, suite_json
from desktop.text.phrases import phrase

MOST_CELLS = 1_000_000
"""Maximum number of cells in a run."""


class RunPlan(Value, frozen=True, kw_only=True):
    """Size and seed of a run. Both determine the order of its cells."""

    cases: int
    contenders: int
    repeats: int
    seed: int

    @property
    def cells(self) -> int:
        """Total number of cells."""
        return self.cases * self.contenders * self.repeats

    def keys(self, without: Collection[CellKey] = frozenset()) -> Iterator[CellKey]:
        """Yield the cells in order, except those in `without`.

        All contenders receive a case, in shuffled order, before the next case begins.
        """
        random = Random(self.seed)  # noqa: S311 - nothing secret
        blocks = list(range(self.cases * self.repeats))
        random.shuffle(blocks)
        contenders = list(range(self.contenders))
        for block in blocks:
            case, repeat = divmod(block, self.repeats)
            random.shuffle(contenders)
            for contender in contenders:
                key = CellKey(case, contender, repeat)
                if key not in without:
                    yield key


def models_of(suite: Suite) -> tuple[ModelRef, ...]:
    """Return all models of a run: contenders first, then judges."""
    found = [each.model for each in suite.contenders]
    for model in {str(spec.options.get("model") or "") for case in suite.cases for spec in case.graders}:
        with suppress(UsageError):
            found.append(ModelRef.parse(model))
    return tuple(dict.fromkeys(found))


def plan_of(run: RunRecord) -> RunPlan:
    """Return the plan of a stored run."""
    return RunPlan(cases=run.cases, contenders=len(run.contenders), repeats=run.repeats, seed=run.seed)


def own_suite(run: RunRecord) -> Suite:
    """Return the suite of a stored run, verified against the run's record because restored data are untrusted.

    Raises:
        SuiteInvalid: If the suite is invalid.
        StoreError: If the suite does not match the record.
    """
    suite = suite_from_json(run.suite)
    spans = len(suite.cases), len(suite.contenders), suite.repeats
    if (run.cases, len(run.contenders), run.repeats) != spans or run.cases * spans[1] * spans[2] > MOST_CELLS:
        raise StoreError(phrase("This run is damaged: its suite could not be read."))
    return suite


def chosen(
    suite: Suite,
    *,
    contenders: Collection[SuiteContender] = (),
    repeats: int | None = None,
    only: str | None = None,
    cap: float | None = None,
) -> Suite:
    """Return a copy of a suite with other contenders, repeats or cap, or only with the cases that have a tag.

    Raises:
        UsageError: If no case or contender is left, or if there are too many cells.
    """
    cases = suite.cases if only is None else tuple(case for case in suite.cases if only in case.tags)
    limits = suite.limits if cap is None else msgspec.structs.replace(suite.limits, cost_usd=cap)
    changed_suite = msgspec.structs.replace(
        suite,
        contenders=tuple(contenders) or suite.contenders,
        repeats=suite.repeats if repeats is None else repeats,
        cases=cases,
        limits=limits,
    )
    if not cases and only is not None:
        raise UsageError(phrase("No case in this suite has the tag “{tag}”.", tag=only))
    if not cases:
        raise UsageError(phrase("This suite has no cases."))
    if not changed_suite.contenders:
        raise UsageError(
            phrase("This suite does not specify a model."),
            hint=phrase("Specify a model with --model or under `contenders`."),
        )
    cells = len(cases) * len(changed_suite.contenders) * changed_suite.repeats
    if cells > MOST_CELLS:
        raise UsageError(
            phrase("A run can have at most {most} responses.", most=f"{MOST_CELLS:,}"),
            hint=phrase("This run would have {cells}. Use fewer cases, contenders or repeats.", cells=f"{cells:,}"),
        )
    return changed_suite


def digest_of(kept: dict[str, JsonValue]) -> str:
    """Return the SHA-256 of a suite in the form stored with a run."""
    return hashlib.sha256(msgspec.json.encode(kept, order="deterministic")).hexdigest()


def new_run(
    suite: Suite,
    *,
    unknown_prices: bool = False,
    is_batch: bool = False,
    tools_from: str = "",
    at: datetime | None = None,
) -> RunRecord:
    """Return a new run of a suite; `tools_from` is the ID of the run whose tool results it uses."""
    stored_suite = suite_json(suite)
    begun = at or now()
    return RunRecord(
        id=new_id(),
        name=suite.name,
        state=RunState.WAITING,
        created_at=begun,
        updated_at=begun,
        suite=stored_suite,
        digest=digest_of(stored_suite),
        cases=len(suite.cases),
        contenders=tuple(each.name for each in suite.contenders),
        repeats=suite.repeats,
        seed=int.from_bytes(os.urandom(4)),
        cap=suite.limits.cost_usd,
        unknown_prices=unknown_prices,
        is_batch=is_batch,
        tools_from=tools_from,
    )
