"""A review in progress: the next pair with its texts, and the verdicts, each stored at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from desktop.domain.conversation_types import Message
from desktop.domain.suite_cells import CellKey, CellRecord, CellStatus, PairChoice, PairVerdict
from desktop.errors import RunUnknown
from desktop.replay.replay_plan import ReplayPlan, plan_of
from desktop.replay.replay_texts import ReplayTexts
from desktop.replay.review import ReviewTask, last_reviewed, open_tasks, review_tasks, verdict_on
from desktop.store.store import Store


class ReviewPair(NamedTuple):
    """A pair as it is shown. `history` are the messages before the prompt; `left` and `right` are the answers."""

    task: ReviewTask
    history: Sequence[Message]
    prompt: Message
    left: str
    right: str

    @property
    def lengths(self) -> tuple[int, int]:
        """Characters of the incumbent's and the contender's answer."""
        sizes = len(self.left), len(self.right)
        return (sizes[1], sizes[0]) if self.task.shown else sizes


class ReviewDesk:
    """The review of one replay by one person. Create it with `open`; call its methods one after another."""

    def __init__(
        self, store: Store, run_id: str, plan: ReplayPlan, verdicts: Sequence[PairVerdict], answered: set[CellKey]
    ) -> None:
        self._store = store
        self._run_id = run_id
        self._plan = plan
        self._texts = ReplayTexts(store)
        self._tasks = review_tasks(plan)
        self._verdicts = list(verdicts)
        self._answered = answered
        self._gone: set[ReviewTask] = set()
        self._given: list[PairVerdict] = []
        """Verdicts given since it was opened, in their order."""

    @classmethod
    async def open(cls, store: Store, run_id: str) -> ReviewDesk:
        """Return the review of a replay, which continues where it was left.

        Raises:
            RunUnknown: If there is no such replay; also StoreError.
        """
        run = await store.replays.get(run_id)
        asked = await store.replays.asked(run.id)
        verdicts = await store.judge_verdicts.list(run.id)
        return cls(store, run.id, plan_of(run), verdicts, set(asked.answered))

    @property
    def left(self) -> int:
        """Number of pairs without a verdict."""
        return len(self._open())

    @property
    def done(self) -> int:
        """Number of pairs with a verdict."""
        return len([task for task in self._tasks if task.key in self._answered]) - self.left - len(self._gone)

    async def refresh(self) -> None:
        """Take in answers that have arrived since."""
        self._answered = set((await self._store.replays.asked(self._run_id)).answered)

    async def next(self, besides: Collection[ReviewTask] = ()) -> ReviewPair | None:
        """Return the first pair without a verdict, `besides` some; None if there is none.

        Deleted conversations are passed over.
        """
        for task in self._open():
            if task in besides:
                continue
            pair = await self._pair(task)
            if pair is not None:
                return pair
            self._gone.add(task)
        return None

    async def give(self, pair: ReviewPair, choice: PairChoice) -> None:
        """Store a verdict on a pair, where FIRST means the left answer and SECOND the right one.

        Raises:
            StoreError: If it could not be stored.
        """
        verdict = verdict_on(pair.task, choice, pair.lengths)
        await self._store.judge_verdicts.keep(self._run_id, verdict)
        self._verdicts.append(verdict)
        self._given.append(verdict)

    async def undo(self) -> bool:
        """Withdraw the last verdict, so that its pair is open again. Returns False if there is none.

        Answers that arrive late are reviewed out of order, so verdicts given since opening are withdrawn in theirs.
        """
        verdict = self._given[-1] if self._given else last_reviewed(self._tasks, self._verdicts)
        if verdict is None:
            return False
        await self._store.judge_verdicts.forget(self._run_id, verdict)
        self._verdicts.remove(verdict)
        if self._given:
            self._given.pop()
        return True

    def _open(self) -> list[ReviewTask]:
        waiting = open_tasks(self._tasks, self._verdicts, self._answered)
        return [task for task in waiting if task not in self._gone]

    async def _pair(self, task: ReviewTask) -> ReviewPair | None:
        request = await self._texts.request(self._plan.items[task.item])
        record = await self._record(task.key)
        if request is None or record is None:
            return None
        answers = request.answer.text, record.text
        left, right = answers if task.shown == 0 else answers[::-1]
        return ReviewPair(task, request.history, request.prompt, left, right)

    async def _record(self, key: CellKey) -> CellRecord | None:
        try:
            record = await self._store.replays.cell(self._run_id, key)
        except RunUnknown:
            return None
        return None if record.status is CellStatus.ERROR else record
