"""Plan of a replay: which turns are sent to which successors, and how they are judged. Stored with its run."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator
from enum import StrEnum
from random import Random

import msgspec

from desktop.domain.conversation_types import JsonValue, ModelRef, Value, new_id, now
from desktop.domain.suite_cells import CellKey, RunKind, RunRecord, RunState
from desktop.errors import StoreError, UsageError
from desktop.replay.replay_limits import MOST_ITEMS, MOST_REPEATS, MOST_SUCCESSORS, USUAL_MARGIN
from desktop.text.phrases import phrase

SCHEMA = "paragone-replay/1"

CONTROL_EVERY, FEWEST_CONTROLS = 10, 10
"""Every tenth item is also sent to the incumbent, but at least ten."""


class Excluded(StrEnum):
    """Why a turn is not replayed. The values are stored and appear in JSON output, so they must not change."""

    UNFINISHED = "unfinished"  # the incumbent's answer failed, was stopped or cut
    EMPTY = "empty"  # the prompt or the answer has no text
    GUARDED = "guarded"  # a guard flags something in the texts that would be sent
    ATTACHMENTS = "attachments"  # the successor cannot read an attachment, or it no longer exists
    TOO_LONG = "too_long"  # the history does not fit the successor's context window
    UNREADABLE = "unreadable"  # the conversation could not be read
    NOT_SAMPLED = "not_sampled"  # usable, but more turns than were wanted


class ReplayItem(Value, frozen=True, kw_only=True):
    """A turn to replay, by reference: the texts stay in their conversation.

    `model` is the one that answered. `rebuilt` means that no receipt tells what was sent, so the request is rebuilt
    from the conversation. `kinds` are kinds of prompt (see `prompt_kinds`). `at` is when the incumbent answered, in
    milliseconds since 1970, `length` its answer in characters, `cost` in US dollars; figures are None if unknown.
    """

    conversation: str
    prompt: str
    answer: str
    model: ModelRef
    rebuilt: bool = False
    kinds: tuple[str, ...] = ()
    at: int = 0
    length: int = 0
    output_tokens: int | None = None
    cost: float | None = None
    ttft_ms: float | None = None


class ReplayPlan(Value, frozen=True, kw_only=True):
    """A whole replay.

    `of` names the incumbent as the user chose it, `models` are the successors. `review` is how many items the user
    plans to review, drawn at random by conversation. `control` items are also sent to `incumbent`, which must still
    answer. `dropped` are parameters that the incumbent was sent and a successor does not accept. `judge` is the
    model that judges all pairs, or an empty string.
    """

    of: str
    models: tuple[ModelRef, ...]
    items: tuple[ReplayItem, ...]
    excluded: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    margin: float = USUAL_MARGIN
    review: int = 0
    judge: str = ""
    incumbent: ModelRef | None = None
    control: tuple[int, ...] = ()
    repeats: int = 1
    dropped: tuple[str, ...] = ()
    seed: int = 0
    schema: str = SCHEMA

    @property
    def contenders(self) -> tuple[ModelRef, ...]:
        """Models that are asked: the successors, then the incumbent if it is a control."""
        return (*self.models, self.incumbent) if self.control and self.incumbent is not None else self.models

    @property
    def callers(self) -> tuple[ModelRef, ...]:
        """All models that are asked: the contenders, then the judge.

        Raises:
            UsageError: If the judge is no model.
        """
        return (*self.contenders, *self.judges)

    @property
    def judges(self) -> tuple[ModelRef, ...]:
        """The judge model, if there is one.

        Raises:
            UsageError: If the judge is no model.
        """
        return (ModelRef.parse(self.judge),) if self.judge else ()

    @property
    def control_contender(self) -> int:
        """Number of the incumbent among the contenders."""
        return len(self.models)

    @property
    def rebuilt(self) -> int:
        """Number of items whose request is rebuilt from the conversation."""
        return sum(each.rebuilt for each in self.items)

    @property
    def conversations(self) -> int:
        """Number of conversations that the items come from."""
        return len({each.conversation for each in self.items})

    @property
    def calls(self) -> int:
        """Number of answers to request, without the judge's."""
        return len(self.items) * len(self.models) * self.repeats + len(self.control)

    def keys(self, without: Collection[CellKey] = frozenset()) -> Iterator[CellKey]:
        """Yield the cells to ask in their shuffled order, except some."""
        random = Random(self.seed)  # noqa: S311 - nothing secret
        blocks = [(item, repeat) for item in range(len(self.items)) for repeat in range(self.repeats)]
        random.shuffle(blocks)
        controls = frozenset(self.control)
        for item, repeat in blocks:
            contenders = [*range(len(self.models))]
            if item in controls and repeat == 0:
                contenders.append(self.control_contender)
            random.shuffle(contenders)
            yield from (key for each in contenders if (key := CellKey(item, each, repeat)) not in without)


def new_seed() -> int:
    """Return a random seed."""
    return int.from_bytes(os.urandom(4))


def control_items(number: int, seed: int) -> tuple[int, ...]:
    """Return the items that are also sent to the incumbent, at random: every tenth, but at least ten if possible."""
    size = min(number, max(FEWEST_CONTROLS, number // CONTROL_EVERY))
    return tuple(sorted(Random(seed).sample(range(number), size)))  # noqa: S311 - nothing secret


def new_replay(
    plan: ReplayPlan, *, cap: float | None = None, unknown_prices: bool = False, is_batch: bool = False
) -> RunRecord:
    """Return a new run of a plan.

    Raises:
        UsageError: If it has no items, or its sizes are out of range.
    """
    if not plan.items:
        raise UsageError(phrase("There is nothing to replay."))
    if not 1 <= len(plan.models) <= MOST_SUCCESSORS:
        raise UsageError(phrase("A replay has one to {most} successors.", most=MOST_SUCCESSORS))
    if len(plan.items) > MOST_ITEMS or not 1 <= plan.repeats <= MOST_REPEATS:
        raise UsageError(phrase("A replay has at most {most} turns.", most=f"{MOST_ITEMS:,}"))
    stored, at = msgspec.to_builtins(plan), now()
    return RunRecord(
        id=new_id(),
        name=f"{_names(plan.of)} → {', '.join(each.name for each in plan.models)}",
        state=RunState.WAITING,
        created_at=at,
        updated_at=at,
        suite=stored,
        digest=hashlib.sha256(msgspec.json.encode(stored, order="deterministic")).hexdigest(),
        cases=len(plan.items),
        contenders=tuple(str(each) for each in plan.contenders),
        repeats=plan.repeats,
        seed=plan.seed,
        cap=cap,
        unknown_prices=unknown_prices,
        is_batch=is_batch,
        kind=RunKind.REPLAY,
    )


def _names(of: str) -> str:
    """Return the incumbents' names without their connections."""
    return ", ".join(dict.fromkeys(each.partition("/")[2] or each for each in of.split(", ")))


def plan_of(run: RunRecord) -> ReplayPlan:
    """Return the plan of a stored replay.

    Raises:
        StoreError: If it is damaged.
    """
    stored: dict[str, JsonValue] = run.suite
    try:
        plan = msgspec.convert(stored, ReplayPlan)
    except (msgspec.ValidationError, RecursionError) as error:
        raise _damaged() from error
    sizes = 0 < len(plan.items) <= MOST_ITEMS and 0 < len(plan.models) <= MOST_SUCCESSORS
    controls = all(0 <= each < len(plan.items) for each in plan.control)
    if plan.schema != SCHEMA or not sizes or not controls or not 1 <= plan.repeats <= MOST_REPEATS:
        raise _damaged()
    return plan


def _damaged() -> StoreError:
    return StoreError(phrase("This replay is damaged: its plan could not be read."))
