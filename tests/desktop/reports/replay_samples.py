"""A replay that is made up: turns of a retired model in a store, its successors' answers, reviews and a judge's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from desktop.domain.conversation_types import Conversation, Figures, Message, ModelRef, Problem, Role, Status, Usage
from desktop.domain.message_parts import TextPart
from desktop.domain.suite_cells import CellKey, CellRecord, CellStatus, Grade, PairChoice, RunState
from desktop.evals.judges.judge_setup import judge_digest
from desktop.replay.replay_plan import Excluded, ReplayItem, ReplayPlan, new_replay
from desktop.replay.replay_runner import judge_spec
from desktop.replay.review import ReviewTask, review_tasks, verdict_on
from desktop.replay.signals import Signal
from desktop.store.store import Store

OLD = ModelRef(connection="azure", name="grok-3")
NEW = ModelRef(connection="azure", name="grok-4.1-fast")
OTHER = ModelRef(connection="lab", name="llama-4-70b")
JUDGE = "azure/gpt-5.5"
AT = datetime(2026, 1, 3, 9, 30, tzinfo=UTC)

PROMPTS = (
    "Write a Python function that debounces another one: def debounce(seconds): return decorate",
    "Translate clause 7 of the lease into English, and keep the numbering of its sentences.",
    "Return the invoice below as JSON with the fields number, date and total.",
    "Write the reminder to the tenant in two polite sentences, in German.",
    "Summarize these release notes for customers. " + "The exporter now writes pages of any size. " * 40,
)
ANSWERS = (
    (
        "Here it is:\n\n```python\ndef debounce(seconds):\n    def decorate(function):\n        return function\n"
        "    return decorate\n```\n\nCall it with **the number of seconds**."
    ),
    (
        "7. The tenant keeps the rooms clean. The landlord repairs what wear breaks.\n\n"
        "| Sentence | Meaning |\n|---|---|\n| first | cleaning |\n| second | repairs |"
    ),
    '```json\n{"number": 17, "date": "2026-01-02", "total": 1190.0}\n```',
    "Sehr geehrter Herr Weiß, die Miete für Januar ist noch offen. Wir bitten Sie, sie bis Freitag zu überweisen.",
    "## For customers\n\n- Pages of any size can be exported.\n- Exports are twice as fast.",
)
WORSE = (
    "I would wrap the function and remember when it was called last.",
    "7. The tenant keeps the rooms clean.",
    "Number 17 of 2026-01-02, 1,190.00 in total.",
    "I'm sorry, but I can't help with that.",
    "Exports are better now.",
)
SIGNALS = (
    (Signal.CODE_LOST,),
    (Signal.TABLE_LOST, Signal.MUCH_SHORTER),
    (Signal.JSON_LOST,),
    (Signal.REFUSED, Signal.OTHER_LANGUAGE),
    (),
)
KINDS = (("code",), ("language:en", "tag:Lease"), ("code", "short"), ("language:de", "short"), ("long", "language:en"))


async def stored_replay(
    store: Store,
    *,
    conversations: int = 40,
    models: tuple[ModelRef, ...] = (NEW,),
    reviewed: int | None = None,
    judge: str = "",
    prompt: str = "",
    answer: str = "",
    state: RunState = RunState.COMPLETE,
) -> str:
    """Store a replay with one turn a conversation, and return its ID.

    Args:
        reviewed: Number of pairs that the user reviewed; None for all.
        prompt: Text added to each prompt.
        answer: Text added to each answer.
    """
    items = [await _stored_turn(store, number, prompt, answer) for number in range(conversations)]
    plan = ReplayPlan(
        of=str(OLD),
        models=models,
        items=tuple(items),
        excluded={Excluded.UNFINISHED: 12, Excluded.GUARDED: 3, Excluded.ATTACHMENTS: 2, Excluded.NOT_SAMPLED: 1_204},
        review=conversations if reviewed is None else reviewed,
        judge=judge,
        dropped=("logit_bias",),
        seed=7,
    )
    run = new_replay(plan)
    await store.replays.create(run)
    await store.replays.take(run.id)
    for number in range(conversations):
        for contender in range(len(models)):
            await store.replays.keep(run.id, _cell(number, contender, answer), 0.002, None)
    await store.replays.release(run.id, state)
    for task in review_tasks(plan):
        if task.item == ERROR_ITEM:
            continue
        await store.judge_verdicts.keep(run.id, verdict_on(task, _choice(task), _lengths(task.item)))
    if judge:
        digest = judge_digest(judge_spec(judge))
        for item in [each for each in range(conversations) if each != ERROR_ITEM]:
            for contender in range(len(models)):
                task = ReviewTask(item, contender, 0)
                verdict = verdict_on(task, _choice(task), _lengths(item))
                judged = msgspec.structs.replace(verdict, judge=digest, model=judge, shown=None)
                await store.judge_verdicts.keep(run.id, judged)
    return run.id


def is_worse(item: int, contender: int) -> bool:
    """Whether the successor loses a turn."""
    return (item + contender) % 5 == 1 or (item + contender) % 10 == 3


def _choice(task: ReviewTask) -> PairChoice:
    """Return a choice that is the same for all orders on the screen."""
    place = (task.item + task.contender) % 10
    if is_worse(task.item, task.contender):
        return PairChoice.SECOND if task.shown else PairChoice.FIRST
    if place in (0, 4, 5, 8):
        return PairChoice.FIRST if task.shown else PairChoice.SECOND
    return PairChoice.BOTH_BAD if place == 7 else PairChoice.TIE


def _lengths(item: int) -> tuple[int, int]:
    return 300 + 20 * (item % 7), 300 + 15 * (item % 11)


async def _stored_turn(store: Store, number: int, prompt: str, answer: str) -> ReplayItem:
    """Store a conversation and return its last turn."""
    at = AT + timedelta(days=3 * number)
    place = number % len(PROMPTS)
    texts = ("Hello.", "Good morning. What can I do?", f"{PROMPTS[place]} (No. {number + 1}){prompt}")
    messages: list[Message] = []
    for role, text in zip((Role.USER, Role.ASSISTANT, Role.USER), texts, strict=True):
        messages.append(_message(f"m{number}-{len(messages)}", role, text, at, messages))
    figures = Figures(ttft_ms=2_000.0 + 150 * (number % 9), duration_ms=6_000.0, cost=0.0142, finish_reason="stop")
    messages.append(
        _message(
            f"a{number}", Role.ASSISTANT, f"{ANSWERS[place]}{answer}", at, messages, figures, Usage(output_tokens=412)
        )
    )
    conversation = Conversation(
        id=f"c{number:03}",
        title=f"Conversation {number}",
        model=OLD,
        created_at=at,
        updated_at=at,
        messages=tuple(messages),
        current=messages[-1].id,
    )
    await store.conversations.create(conversation)
    return ReplayItem(
        conversation=conversation.id,
        prompt=messages[-2].id,
        answer=messages[-1].id,
        model=OLD,
        rebuilt=number % 4 == 0,
        kinds=KINDS[place],
        at=int(at.timestamp() * 1000),
        length=len(messages[-1].text),
        output_tokens=412,
        cost=0.0142,
        ttft_ms=figures.ttft_ms,
    )


def _message(
    id_: str,
    role: Role,
    text: str,
    at: datetime,
    before: list[Message],
    figures: Figures | None = None,
    usage: Usage | None = None,
) -> Message:
    return Message(
        id=id_,
        parent=before[-1].id if before else None,
        role=role,
        parts=(TextPart(text=text),),
        status=Status.COMPLETE,
        created_at=at,
        model=OLD if role is Role.ASSISTANT else None,
        figures=figures,
        usage=usage,
    )


def _cell(item: int, contender: int, answer: str) -> CellRecord:
    """Return a successor's answer; that to one turn is an error of its server."""
    key, place = CellKey(item, contender, 0), item % len(PROMPTS)
    if item == ERROR_ITEM:
        problem = Problem(code="rate_limited", message="https://secret-host.example.com refused it.")
        return CellRecord(key=key, status=CellStatus.ERROR, score=None, problem=problem)
    worse = is_worse(item, contender)
    signals = SIGNALS[place] if worse else ()
    return CellRecord(
        key=key,
        status=CellStatus.FAILED if signals else CellStatus.UNGRADED,
        score=None,
        answers=(f"{(WORSE if worse else ANSWERS)[place]}{answer}",),
        grades=tuple(Grade(grader=signal.value, passed=False, score=0.0, reason="") for signal in signals),
        figures=Figures(ttft_ms=400.0 + 90 * (item % 9) + 500 * contender, duration_ms=2_500.0, cost=0.0054),
        usage=Usage(output_tokens=498 + 20 * contender),
    )


ERROR_ITEM = 6
"""The turn that every successor failed to answer."""
