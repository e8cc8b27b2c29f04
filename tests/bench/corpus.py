"""Answers to measure with: one as models write them, a long one, and the worst tails that a stream can have."""

from __future__ import annotations

from collections.abc import Callable

_PART = '''## Part {n}: waiting until calls cease

A debounced call waits until no new one has come for a while. With `asyncio`, keep the handle that `loop.call_later`
returns, and cancel it **before** the next one is made; the *old* task then ends quietly. 日本語の説明もあります。🎉

| Way | Cancels | Keeps result | Cost in µs |
|---|:-:|---|--:|
| call_later | timer | no | 1.{n} |
| create_task | task | yes | 12.{n} |
| threading.Timer | thread | no | 80.{n} |

```python
def debounce_{n}(seconds: float):
    """Call once, with the last arguments, when calls have ceased."""

    def decorate(call):
        task: asyncio.Task[None] | None = None

        @wraps(call)
        async def later(*args: object) -> None:
            nonlocal task
            if task is not None:
                task.cancel()
            task = asyncio.create_task(run(seconds, call, args))

        return later

    return decorate
```

- Use one decorator per function, with a reference to its task, so that the collector leaves it alone.
- Keep the delay in one place:
  1. as an argument where it differs from call to call,
  2. as a constant where it does not.
- See [the documentation](https://docs.python.org/3/library/asyncio-task.html) for what `cancel` promises.

```json
{{"delay": {n}, "unit": "ms", "leading": false, "trailing": true, "tags": ["a", "b"]}}
```

> Cancelling is a request: the task may take its time, or refuse. {n} times out of a hundred that matters.

'''

TOKEN = 4
"""Characters of a token, about."""


def answer(tokens: int) -> str:
    """An answer as models write them, of so many tokens."""
    text, number = "", 1
    while len(text) < tokens * TOKEN:
        text += _PART.format(n=number)
        number += 1
    return text[: tokens * TOKEN]


def paragraph(tokens: int) -> str:
    """One paragraph without an end."""
    return ("The debounced call waits until **no new one** has come for `a while`, then it runs once. " * tokens)[
        : tokens * TOKEN
    ]


def items(tokens: int) -> str:
    """One list without an end."""
    return "".join(f"- Item {n} of a list that goes on, with *emphasis* and `code`\n" for n in range(tokens))[
        : tokens * TOKEN
    ]


def table(tokens: int) -> str:
    """One table without an end."""
    rows = "".join(f"| {n} | row of a long table | {n * 7 % 100} % |\n" for n in range(tokens))
    return ("| Number | Text | Share |\n|---|---|--:|\n" + rows)[: tokens * TOKEN]


def fence(tokens: int) -> str:
    """One frame of code without an end."""
    lines = "".join(f"    value_{n} = compute({n}, 'text')  # a comment\n" for n in range(tokens))
    return ("```python\ndef main():\n" + lines)[: tokens * TOKEN]


MADE: dict[str, Callable[[int], str]] = {
    "answer": answer,
    "paragraph": paragraph,
    "list": items,
    "table": table,
    "fence": fence,
}


def pieces(text: str) -> list[str]:
    """The text in pieces of a token each."""
    return [text[at : at + TOKEN] for at in range(0, len(text), TOKEN)]
