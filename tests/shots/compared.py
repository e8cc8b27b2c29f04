"""A comparison as the pictures show it: three models, two turns, answers that differ and agree."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from desktop.domain.comparison import Comparison, PaneState, new_comparison
from desktop.domain.conversation_types import (
    Conversation,
    Figures,
    Message,
    ModelRef,
    Role,
    Status,
    Usage,
    new_id,
    now,
)
from desktop.domain.message_parts import ReasoningPart, TextPart

GROK = ModelRef(connection="foundry", name="grok-3-mini")
GPT = ModelRef(connection="foundry", name="gpt-4.1")
LLAMA = ModelRef(connection="vllm-lab", name="Llama-3.3-70B-Instruct")

_PROMPTS = ("What is a debounce?", "How do I debounce a function in Python with asyncio? Short.")
_ANSWERS = {
    GROK: (
        "A debounce lets only the last of many quick calls through.",
        """Cancel the pending call whenever a new one arrives, and let the last one run:

```python
def debounce(seconds: float):
    def decorate(call):
        task = None
        async def later(*args):
            nonlocal task
            if task: task.cancel()
            task = asyncio.create_task(run(*args))
        return later
    return decorate
```

The `CancelledError` of the old task is swallowed by the event loop, so callers never see it.

- Use one decorator per function.
- Keep a reference to the task.
""",
    ),
    GPT: (
        "A debounced call waits until no new call has come for a while, then runs once.",
        """Cancel the pending task whenever a new call arrives, and let only the last one run:

```python
class Debouncer:
    def __init__(self, seconds, call):
        self.seconds = seconds
        self.call = call
        self.task = None
    def __call__(self, *args):
        if self.task: self.task.cancel()
        self.task = asyncio.create_task(self.run(*args))
```

Callers never see the `CancelledError` of the old task.

- Keep a reference to the task, or it may be collected.
- A class is easier to test.
""",
    ),
    LLAMA: (
        "It delays a call until the calls stop coming.",
        """Use a timer of the loop: cancel the old handle and make a new one with `call_later`.

Keep a reference to the handle. The last call wins, and the ones before it never run.
""",
    ),
}
_FIGURES = {
    GROK: (412.0, 2100.0, 5300.0, 88.0, 231, 0.0003),
    GPT: (650.0, None, 3900.0, 61.0, 198, 0.0016),
    LLAMA: (1180.0, None, 3100.0, 43.0, 84, None),
}


def compared(models: Sequence[ModelRef] = (GROK, GPT, LLAMA)) -> tuple[Comparison, dict[str, Conversation]]:
    """The comparison and its conversations by id."""
    talks = [_conversation(model) for model in models]
    states = tuple(PaneState(conversation=talk.id, model=talk.model) for talk in talks)
    made = msgspec.structs.replace(new_comparison(states), title="Debounce in Python")
    return made, {talk.id: talk for talk in talks}


def _conversation(model: ModelRef) -> Conversation:
    at = now()
    messages: list[Message] = []
    for asked, said in zip(_PROMPTS, _ANSWERS[model], strict=True):
        messages.append(_message(Role.USER, messages, (TextPart(text=asked),)))
        ttft, thought, whole, speed, tokens, cost = _FIGURES[model]
        parts = (TextPart(text=said),)
        answer = _message(Role.ASSISTANT, messages, (ReasoningPart(text="Shortest."), *parts) if thought else parts)
        figures = Figures(
            ttft_ms=ttft,
            reasoning_ms=thought,
            duration_ms=whole,
            tokens_per_second=speed,
            cost=cost,
            finish_reason="length" if model == LLAMA else "stop",
        )
        usage = Usage(input_tokens=31, output_tokens=tokens, reasoning_tokens=96 if thought else None)
        messages.append(msgspec.structs.replace(answer, model=model, figures=figures, usage=usage))
    return Conversation(
        id=new_id(),
        title="Debounce in Python",
        model=model,
        created_at=at,
        updated_at=at,
        current=messages[-1].id,
        messages=tuple(messages),
    )


def _message(role: Role, before: Sequence[Message], parts: tuple[TextPart | ReasoningPart, ...]) -> Message:
    return Message(
        id=new_id(),
        parent=before[-1].id if before else None,
        role=role,
        parts=parts,
        status=Status.COMPLETE,
        created_at=now(),
    )
