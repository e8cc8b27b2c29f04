"""What the pictures show: a shelf of conversations, and settings that lead to the loopback server."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec

from desktop.domain.comparison import PaneState, new_comparison
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
from desktop.store.store import Store

KEY = "a-key-of-the-pictures"
KEY_VARIABLE = "PICTURES_KEY"

PROMPT = "How do I debounce a function in Python with asyncio? Short, with code."
THOUGHT = "A decorator is shortest. Cancel the pending task, start a new one, and keep a reference to it."
SECTIONS = """Three steps, and what is behind them.

- [x] Install the tools
- [ ] Write the first test

1. Create the folder and an environment in it:

   ```bash
   mkdir demo && cd demo
   python -m venv .venv
   ```

2. Open it in your editor.[^1]

<details open>
<summary>Why an <b>environment</b>?</summary>

Packages of one project do not disturb another.

| Without | With |
|---|---|
| one version for all | one version each |

```python
print("isolated")
```

<details>
<summary>And without one?</summary>

Then `pip` writes to the system.

</details>
</details>

<details>
<summary>The same on Windows</summary>

Use `py -m venv .venv`.

</details>

```mermaid
graph LR; Folder-->Environment-->Test
```

[^1]: Any editor will do.
"""

RTL_SECTIONS = """ثلاث خطوات:

<details open>
<summary>لماذا بيئة منفصلة؟</summary>

حزم مشروع لا تزعج مشروعًا آخر.

</details>

<details>
<summary>على ويندوز</summary>

استخدم `py -m venv .venv`.

</details>

هذا كل شيء.
"""

ANSWER = """Cancel the pending call whenever a new one arrives, and let the last one run:

```python
import asyncio
from functools import wraps

def debounce(seconds: float):
    def decorate(call):
        task = None

        @wraps(call)
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

| Way | Cancels | Keeps result |
|---|---|---|
| call_later | timer | no |
| create_task | task | yes |
"""
LONG = r"""# Waiting until calls cease

A *debounced* call waits until no new one has come for a while. ~~Polling~~ Cancelling is **cheaper**[^1], and keeps
the loop free.

## How long to wait

Let $\lambda$ be the rate of calls. The chance that none comes within $t$ is $e^{-\lambda t}$, so the mean wait is

$$\int_0^\infty e^{-\lambda t}\,dt = \frac{1}{\lambda}$$

> Cancelling is a request: the task may take its time.
>
> > And it may refuse.

## Ways compared

| Way | Cancels | Keeps result | Cost in µs | Needs a loop | Thread-safe | Since | Notes |
|---|:-:|---|--:|---|---|---|---|
| call_later | timer | no | 1.4 | yes | no | 3.4 | The handle must be kept, or nothing can be cancelled |
| create_task | task | yes | 12.9 | yes | no | 3.7 | A reference must be kept, or the task may vanish |
| Timer | thread | no | 80.1 | no | yes | 2.3 | One thread a call |

### Steps

1. Keep one handle:
   ```python
   handle = loop.call_later(seconds, call)
   ```
2. Cancel it before the next one.
   - [x] on every new call
   - [ ] at the end

```python
async def later(*args: object) -> None:
    task.cancel()  # the old one, which then ends quietly; a comment that is longer than its frame is wide
```

## What is kept

Whoever is called last is the one whose result counts. A result that nobody waits for is dropped, and so is an error
that it ended with, unless a handler was given to the loop for that. Keep the task that runs, its arguments, and the
moment at which it began; nothing else is needed to say afterwards what happened and why.

日本語の説明もあります。🎉 See <https://docs.python.org/3/library/asyncio-task.html>.

[^1]: By a factor of ten.
"""
HEBREW = """## סיכום

בירת אוסטרליה היא **קנברה**. היא נבחרה בשנת 1908 כפשרה בין Sydney ובין Melbourne.

1. ראשית, הפרלמנט
2. שנית, `Canberra` ואגם Burley Griffin
   - פריט פנימי

> ציטוט: עיר גנים.

| עיר | אוכלוסייה |
|---|---|
| קנברה | 450,000 |

```python
print("שלום")  # code stays left to right
```
"""
RIGHT_TO_LEFT = ("מהי בירת אוסטרליה?", HEBREW)

_GROK = ModelRef(connection="foundry", name="grok-3-mini")
_GPT = ModelRef(connection="foundry", name="gpt-4.1")
_LLAMA = ModelRef(connection="vllm-lab", name="Llama-3.3-70B-Instruct")
_MISTRAL = ModelRef(connection="vllm-lab", name="Mistral-Small-3.2")
_EMBEDDED = ModelRef(connection="embedded", name="smollm2")

_SHELF: tuple[tuple[str, ModelRef, float], ...] = (
    ("Trip to Rome in May", _GROK, 4),
    ("Debounce in Python", _GROK, 0),
    ("Explain the CAP theorem to a new colleague", _GROK, 3),
    ("Debounce in Python", _GPT, 0.001),
    ("SQL for monthly cohorts", _GPT, 5),
    ("Debounce in Python", _LLAMA, 0.002),
    ("Übersetzung: Mietvertrag", _LLAMA, 21),
    ("Hello", _EMBEDDED, 22),
)
_COMPARED: tuple[tuple[str, tuple[ModelRef, ...], float], ...] = (
    ("Capital cities quiz", (_GROK, _GPT, _LLAMA), 0.003),
    ("Which model drafts the better answer to a long letter", (_GROK, _GPT, _LLAMA, _MISTRAL, _EMBEDDED), 1.2),
)
"""Comparisons, each of as many chats."""

_SETTINGS = """
[chat]
default_model = "{model}"

[connections.foundry]
kind = "azure-inference"
url = "{origin}/openai/v1"
key_env = "{variable}"

[connections.vllm-lab]
kind = "openai-v1"
url = "{origin}/v1"
key_env = "{variable}"
"""


def write_settings(folder: Path, origin: str, model: str) -> None:
    """Settings with two connections to the loopback server."""
    (folder / "config").mkdir()
    text = _SETTINGS.format(model=model, origin=origin, variable=KEY_VARIABLE)
    (folder / "config" / "settings.toml").write_text(text)


async def fill(store: Store) -> None:
    """Put the shelf into the store, the first conversation pinned."""
    for title, model, days in _SHELF:
        made = _conversation(title, model, days)
        await store.conversations.create(made)
        if title.startswith("Trip"):
            await store.conversations.pin([made.id])
    await store.conversations.create(_conversation("קנברה", _GPT, 1, *RIGHT_TO_LEFT))
    for title, models, days in _COMPARED:
        talks = [_conversation(title, model, days) for model in models]
        for each in talks:
            await store.conversations.create(each)
        panes = tuple(PaneState(conversation=each.id, model=each.model, said=True) for each in talks)
        at = talks[0].updated_at
        held = msgspec.structs.replace(new_comparison(panes), title=title, updated_at=at)
        await store.comparisons.save(held)
    await store.conversations.create(_conversation("Waiting, at length", _GPT, 1.5, PROMPT, LONG))


def _conversation(title: str, model: ModelRef, days: float, prompt: str = PROMPT, said: str = ANSWER) -> Conversation:
    at = now() - timedelta(days=days)
    asked = _message(Role.USER, None, TextPart(text=prompt))
    thought = (ReasoningPart(text=THOUGHT),) if model == _GROK else ()
    answered = Message(
        id=new_id(),
        parent=asked.id,
        role=Role.ASSISTANT,
        parts=(*thought, TextPart(text=said)),
        status=Status.COMPLETE,
        created_at=at,
        model=model,
        usage=Usage(input_tokens=310, output_tokens=231),
        figures=Figures(
            ttft_ms=412, reasoning_ms=2100, duration_ms=3000, tokens_per_second=88, cost=0.0003, finish_reason="stop"
        ),
    )
    return Conversation(
        id=new_id(),
        title=title,
        model=model,
        created_at=at,
        updated_at=at,
        current=answered.id,
        messages=(asked, answered),
    )


def sections() -> Conversation:
    """A chat whose answer has sections, tasks, footnotes, a diagram, and code in a list."""
    return _conversation("Set up a project", _GROK, 0, "How do I set up a project?", SECTIONS)


def rtl_sections() -> Conversation:
    """The same in Arabic, with sections only."""
    return _conversation("مشروع", _GROK, 0, "كيف أبدأ مشروعًا؟", RTL_SECTIONS)


def two_versions() -> Conversation:
    """A chat whose first question was changed: a long talk follows the first version."""
    made = _conversation("Debounce in Python", _GROK, 0)
    asked = _message(Role.USER, None, TextPart(text="How do I debounce a function in Python?"))
    talk = [asked]
    for number in range(19):
        talk.append(_message(Role.ASSISTANT, talk[-1].id, TextPart(text=f"Answer {number + 1}.")))
        talk.append(_message(Role.USER, talk[-1].id, TextPart(text=f"And after {number + 1} calls?")))
    return msgspec.structs.replace(made, messages=(*talk, *made.messages))


def _message(role: Role, parent: str | None, part: TextPart) -> Message:
    return Message(id=new_id(), parent=parent, role=role, parts=(part,), status=Status.COMPLETE, created_at=now())
