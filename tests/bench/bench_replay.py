"""Replays: 200 of 100,000 turns selected, a review of 1,000 pairs opened and continued, the verdict on 1,000 items."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from desktop.domain.conversation_types import Conversation, Figures, Message, ModelRef, Role, Status, new_id
from desktop.domain.message_parts import TextPart
from desktop.domain.suite_cells import CellKey, CellRecord, CellStatus, PairChoice
from desktop.replay.replay_plan import ReplayItem, ReplayPlan, new_replay
from desktop.replay.replay_results import results_of
from desktop.replay.review_desk import ReviewDesk
from desktop.replay.turn_selection import evenly
from desktop.store.store import Store
from tests.bench.bench_window import row
from tests.desktop.replay.test_replay_results import cells, judged, reviews, run_of, with_judge
from tests.desktop.replay.test_review import plan

_CONVERSATIONS, _TURNS, _PAIRS = 2_000, 50, 1_000
_AT = datetime(2026, 5, 1, tzinfo=UTC)
_OLD = ModelRef(connection="imported-chatgpt", name="gpt-old")
_NEW = ModelRef(connection="lab", name="new")


def measure() -> list[dict[str, object]]:
    """All figures of replays."""
    with TemporaryDirectory() as folder:
        selected, opened, following = asyncio.run(_in_store(Path(folder)))
    planned = with_judge(plan(_PAIRS))
    verdicts = reviews(planned, 0.5) + judged(planned, 0.5)
    run, answers = run_of(planned, seen_reviews=1), cells(planned)
    start = time.perf_counter()
    results_of(run, answers, verdicts)
    verdict = time.perf_counter() - start
    return [
        row(f"turns of a model, of {_CONVERSATIONS * _TURNS:,}, and the sample", selected * 1000, "ms", 300),
        row(f"review of {_PAIRS:,} pairs, opened", opened * 1000, "ms", 100),
        row("  next pair, with the verdict before it stored", following * 1000, "ms", 16),
        row(f"verdict on {_PAIRS:,} items, judged and reviewed", verdict, "s", 1),
    ]


async def _in_store(folder: Path) -> tuple[float, float, float]:
    """Seconds to select turns, to open a review, and from one pair to the next."""
    async with await Store.open(folder) as store:
        for first in range(0, _CONVERSATIONS, 100):
            await store.conversations.create_all([_conversation() for _ in range(first, first + 100)])
        start = time.perf_counter()
        turns = evenly(await store.past_turns.list([_OLD]))
        selected = time.perf_counter() - start
        items = tuple(
            ReplayItem(conversation=each.conversation, prompt=each.prompt, answer=each.answer, model=_OLD)
            for each in turns[:_PAIRS]
        )
        run = new_replay(ReplayPlan(of="old", models=(_NEW,), items=items, review=_PAIRS, seed=1))
        await store.replays.create(run)
        for number in range(_PAIRS):
            key = CellKey(number, 0, 0)
            record = CellRecord(key=key, status=CellStatus.UNGRADED, score=None, answers=("An answer. " * 40,))
            await store.replays.keep(run.id, record)
        start = time.perf_counter()
        desk = await ReviewDesk.open(store, run.id)
        pair = await desk.next()
        opened = time.perf_counter() - start
        times: list[float] = []
        for _ in range(50):
            assert pair is not None
            start = time.perf_counter()
            await desk.give(pair, PairChoice.TIE)
            pair = await desk.next()
            times.append(time.perf_counter() - start)
        return selected, opened, median(times)


def _conversation() -> Conversation:
    messages: list[Message] = []
    for number in range(2 * _TURNS):
        answers = bool(number % 2)
        messages.append(
            Message(
                id=new_id(),
                parent=messages[-1].id if messages else None,
                role=Role.ASSISTANT if answers else Role.USER,
                parts=(TextPart(text=f"text {number} " + "of some words " * 20),),
                status=Status.COMPLETE,
                created_at=_AT,
                model=_OLD if answers else None,
                figures=Figures(finish_reason="stop", ttft_ms=300.0) if answers else None,
                imported=True,
            )
        )
    current = messages[-1].id
    return Conversation(
        id=new_id(), title="Chat", model=_OLD, created_at=_AT, updated_at=_AT, current=current, messages=tuple(messages)
    )
