"""Blind review of a replay: its pairs in a fixed random order, and the verdicts given on them. Pure functions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from random import Random
from typing import NamedTuple

from desktop.domain.suite_cells import CellKey, PairChoice, PairVerdict
from desktop.replay.replay_plan import ReplayPlan

REVIEWER, REVIEWER_AGAIN = "you", "you-again"
"""Judges of a person's verdicts, and of those on pairs that came back."""

REPEAT_EVERY = 15
"""One in fifteen pairs comes back later with sides swapped."""

_LEAST_DISTANCE = 10
"""Pairs between a pair and another with one of its answers, if there are that many."""

_MIRRORED = {PairChoice.FIRST: PairChoice.SECOND, PairChoice.SECOND: PairChoice.FIRST}


class ReviewTask(NamedTuple):
    """A pair to review: the incumbent's answer to an item and a contender's.

    `shown` is the answer on the left: 0 the incumbent's, 1 the contender's. `again` means that it comes back.
    """

    item: int
    contender: int
    shown: int
    again: bool = False

    @property
    def key(self) -> CellKey:
        """The contender's cell."""
        return CellKey(self.item, self.contender, 0)

    @property
    def verdict_key(self) -> tuple[str, int, int]:
        """What identifies its verdict."""
        return REVIEWER_AGAIN if self.again else REVIEWER, self.item, self.contender + 1


def conversations_in_order(plan: ReplayPlan) -> list[str]:
    """Return the conversations in the random order of the review."""
    conversations = list(dict.fromkeys(item.conversation for item in plan.items))
    Random(f"{plan.seed} conversations").shuffle(conversations)  # noqa: S311 - nothing secret
    return conversations


def reviewed_items(plan: ReplayPlan) -> list[int]:
    """Return the items to review, those of a conversation together: whole conversations until there are enough."""
    by_conversation: dict[str, list[int]] = {}
    for number, item in enumerate(plan.items):
        by_conversation.setdefault(item.conversation, []).append(number)
    chosen: list[int] = []
    for conversation in conversations_in_order(plan):
        if len(chosen) >= plan.review:
            break
        chosen += by_conversation[conversation]
    return chosen


def review_tasks(plan: ReplayPlan) -> list[ReviewTask]:
    """Return all pairs in the order in which they are shown, the same for every call.

    Pairs with a fresh answer of the incumbent (the control) and pairs that come back are spread among the others.
    """
    random = Random(f"{plan.seed} review")  # noqa: S311 - nothing secret
    items = reviewed_items(plan)
    tasks: list[ReviewTask] = []
    for item in items:
        contenders = list(range(len(plan.models)))
        random.shuffle(contenders)
        tasks += [ReviewTask(item, contender, random.randrange(2)) for contender in contenders]
    reviewed = frozenset(items)
    for item in plan.control:
        if item in reviewed:
            _insert(tasks, ReviewTask(item, plan.control_contender, random.randrange(2)), random)
    own = [task for task in tasks if task.contender < len(plan.models)]
    early = own[:-_LEAST_DISTANCE]  # so that there is room behind them
    for task in random.sample(early, min(len(own) // REPEAT_EVERY, len(early))):
        _insert(tasks, task._replace(shown=1 - task.shown, again=True), random, after=tasks.index(task))
    return tasks


def _insert(tasks: list[ReviewTask], task: ReviewTask, random: Random, after: int = -1) -> None:
    """Insert a pair at random, away from others with one of its answers if possible."""
    near = [place for place, other in enumerate(tasks) if other.item == task.item]
    free = [
        place
        for place in range(after + 1, len(tasks) + 1)
        if all(abs(place - other) >= _LEAST_DISTANCE for other in near)
    ]
    tasks.insert(random.choice(free) if free else len(tasks), task)


def open_tasks(
    tasks: Sequence[ReviewTask], verdicts: Iterable[PairVerdict], answered: Collection[CellKey]
) -> list[ReviewTask]:
    """Return the pairs that can be reviewed and have no verdict yet, in their order."""
    done = {(each.judge, each.case, each.b) for each in verdicts if each.repeat == 0}
    return [task for task in tasks if task.key in answered and task.verdict_key not in done]


def last_reviewed(tasks: Sequence[ReviewTask], verdicts: Iterable[PairVerdict]) -> PairVerdict | None:
    """Return the verdict on the last pair that has one, which is the one to undo."""
    by_key = {(each.judge, each.case, each.b): each for each in verdicts if each.repeat == 0}
    return next((by_key[task.verdict_key] for task in reversed(tasks) if task.verdict_key in by_key), None)


def verdict_on(task: ReviewTask, choice: PairChoice, lengths: tuple[int, int]) -> PairVerdict:
    """Return a person's verdict, where `choice` means the left answer by FIRST and the right one by SECOND.

    Args:
        lengths: Characters of the incumbent's and the contender's answer.
    """
    mirrored = _MIRRORED.get(choice, choice)
    judge, case, b = task.verdict_key
    return PairVerdict(
        judge=judge,
        model="",
        case=case,
        repeat=0,
        a=0,
        b=b,
        choices=(mirrored, choice) if task.shown else (choice, mirrored),
        lengths=lengths,
        shown=task.shown,
    )
