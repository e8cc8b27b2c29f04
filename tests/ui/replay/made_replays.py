"""Replays made for tests: conversations with an old model, its successor's answers, and verdicts of a reviewer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from desktop.domain.conversation_types import (
    Conversation,
    Figures,
    Message,
    ModelRef,
    Problem,
    Role,
    Status,
    Usage,
    new_id,
)
from desktop.domain.message_parts import TextPart
from desktop.domain.suite_cells import (
    CellKey,
    CellRecord,
    CellStatus,
    Grade,
    PairChoice,
    PairVerdict,
    RunRecord,
    RunState,
)
from desktop.evals.judges.judge_setup import judge_digest
from desktop.replay.replay_plan import ReplayItem, ReplayPlan, new_replay
from desktop.replay.replay_runner import judge_spec
from desktop.replay.review_desk import ReviewDesk
from desktop.services import Services

OLD = ModelRef(connection="lab", name="zebra-3")
NEW = ModelRef(connection="lab", name="yak-4")
MODELS = ("zebra", "yak", "lab/")
"""Parts of the names of both models."""

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)


def message(role: Role, text: str, parent: str | None, at: datetime = NOON) -> Message:
    """A complete message; answers are the old model's."""
    is_answer = role is Role.ASSISTANT
    return Message(
        id=new_id(),
        parent=parent,
        role=role,
        parts=(TextPart(text=text),),
        status=Status.COMPLETE,
        created_at=at,
        model=OLD if is_answer else None,
        usage=Usage(output_tokens=90) if is_answer else None,
        figures=Figures(ttft_ms=900.0, cost=0.004, finish_reason="stop") if is_answer else None,
    )


def conversation(*texts: str, at: datetime = NOON) -> Conversation:
    """A conversation whose texts are prompts and answers by turns; the last is the answer to replay."""
    messages: list[Message] = []
    for number, text in enumerate(texts):
        role = Role.ASSISTANT if number % 2 else Role.USER
        messages.append(message(role, text, messages[-1].id if messages else None, at))
    return Conversation(
        id=new_id(),
        title=texts[0],
        model=OLD,
        created_at=at,
        updated_at=at,
        current=messages[-1].id,
        messages=tuple(messages),
    )


def item(made: Conversation, *kinds: str) -> ReplayItem:
    """The last turn of a conversation as an item."""
    prompt, answer = made.messages[-2:]
    return ReplayItem(
        conversation=made.id,
        prompt=prompt.id,
        answer=answer.id,
        model=OLD,
        kinds=kinds,
        at=round(answer.created_at.timestamp() * 1000),
        length=len(answer.text),
        output_tokens=90,
        cost=0.004,
        ttft_ms=900.0,
    )


def cell(number: int, text: str, *signals: str, contender: int = 0) -> CellRecord:
    """A successor's answer to an item, with signals."""
    return CellRecord(
        key=CellKey(number, contender, 0),
        status=CellStatus.UNGRADED,
        score=None,
        answers=(text,),
        grades=tuple(Grade(grader=each, passed=False, score=0.0, reason="") for each in signals),
        figures=Figures(ttft_ms=400.0, cost=0.002, duration_ms=2_000.0),
        usage=Usage(output_tokens=110),
    )


def failed(number: int, contender: int = 0) -> CellRecord:
    """A request to a successor that failed."""
    problem = Problem(code="rate_limited", message="Too many requests.")
    return CellRecord(key=CellKey(number, contender, 0), status=CellStatus.ERROR, score=None, problem=problem)


async def stored(
    services: Services,
    conversations: Sequence[Conversation],
    plan: ReplayPlan,
    cells: Sequence[CellRecord],
    state: RunState = RunState.COMPLETE,
    reason: str = "",
) -> RunRecord:
    """A replay in the store, with its conversations."""
    store = await services.store()
    for each in conversations:
        await store.conversations.create(each)
    run = new_replay(plan)
    await store.replays.create(run)
    await store.replays.take(run.id)
    for each in cells:
        await store.replays.keep(run.id, each)
    if state is not RunState.RUNNING:
        await store.replays.release(run.id, state, reason)
    return run


async def replay(services: Services, pairs: int = 4, **more: object) -> RunRecord:
    """A replay of so many conversations of one turn each, completely answered."""
    made = [
        conversation(f"Question {n} in full?", f"Old answer {n}.", at=NOON + timedelta(hours=n)) for n in range(pairs)
    ]
    plan = ReplayPlan(
        **{  # pyright: ignore[reportArgumentType]
            "of": str(OLD),
            "models": (NEW,),
            "items": tuple(item(each, "code") for each in made),
            "review": pairs,
            "seed": 7,
            **more,
        }
    )
    return await stored(services, made, plan, [cell(n, f"New answer {n}.") for n in range(pairs)])


async def reviewed(services: Services, run: RunRecord, pairs: int, *, prefers_new: bool = True) -> None:
    """Give verdicts on the next pairs, all for one of both models."""
    desk = await ReviewDesk.open(await services.store(), run.id)
    for _ in range(pairs):
        pair = await desk.next()
        assert pair is not None
        is_left = (pair.task.shown == 1) is prefers_new
        await desk.give(pair, PairChoice.FIRST if is_left else PairChoice.SECOND)


_CASES = (
    (
        "Explain clause {n} of this lease in plain words.",
        "Clause {n} says that the tenant pays for small repairs.",
        "de",
    ),
    ("```python\ndef f{n}(x): return x + {n}\n```\nWhat does this return for 3?", "It returns {n} + 3.", "code"),
    ("Write a short reminder to tenant {n}.", "Dear tenant {n},\n\nyour rent was due on the first.", "short"),
)


async def decided(services: Services, reviews: int, turns: int = 60) -> RunRecord:
    """A replay of turns of three kinds with a judge's verdicts on all, and so many reviews; code is done worse."""
    made = [
        conversation(*(text.format(n=n) for text in _CASES[n % 3][:2]), at=NOON + timedelta(hours=n))
        for n in range(turns)
    ]
    kinds = {"de": "language:de", "code": "code", "short": "short"}
    plan = ReplayPlan(
        of=str(OLD),
        models=(NEW,),
        items=tuple(item(each, kinds[_CASES[n % 3][2]]) for n, each in enumerate(made)),
        excluded={"unfinished": 12, "guarded": 3, "attachments": 2},
        review=40,
        judge="lab/judge",
        seed=7,
    )
    texts = [_CASES[n % 3][1].format(n=n) + "\n\nAnything else?" for n in range(turns)]
    run = await stored(
        services, made, plan, [cell(n, text, *["much_longer"] * (n % 9 == 1)) for n, text in enumerate(texts)]
    )
    store, digest = await services.store(), judge_digest(judge_spec("lab/judge"))
    for n in range(turns):
        first = PairChoice.FIRST if n % 3 == 1 or n % 7 == 0 else PairChoice.SECOND if n % 5 else PairChoice.TIE
        second = {PairChoice.FIRST: PairChoice.SECOND, PairChoice.SECOND: PairChoice.FIRST}.get(first, first)
        verdict = PairVerdict(judge=digest, model="lab/judge", case=n, repeat=0, a=0, b=1, choices=(first, second))
        await store.judge_verdicts.keep(run.id, verdict)
    desk = await ReviewDesk.open(store, run.id)
    while reviews > 0 and (pair := await desk.next()) is not None:
        number = pair.task.item
        new_wins = number % 3 != 1 and number % 4 != 0
        choice = PairChoice.FIRST if new_wins == (pair.task.shown == 1) else PairChoice.SECOND
        await desk.give(pair, PairChoice.TIE if number % 5 == 0 else choice)
        reviews -= 1
    return run
