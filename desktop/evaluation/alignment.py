"""Which turns of conversations side by side belong together: a pane that came later begins at a later one; pure."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.domain import Message, Role


def begins(paths: Sequence[Sequence[Message]]) -> tuple[int, ...]:
    """For each conversation the turn, from 0, at which it joined the one with most turns.

    It is where most of its prompts are the same as those of the longest; the earliest such place, 0 where none are.
    """
    counts = {sum(message.role is Role.USER for message in path) for path in paths}
    if len(counts) <= 1:
        return (0,) * len(paths)  # without reading what was asked: figures of long conversations are drawn often
    asked = [[message.text for message in path if message.role is Role.USER] for path in paths]
    longest: Sequence[str] = max(asked, key=len)
    return tuple(_begin(longest, prompts) for prompts in asked)


def _begin(longest: Sequence[str], prompts: Sequence[str]) -> int:
    places = range(len(longest) - len(prompts) + 1)
    if len(places) == 1 or not prompts:
        return 0
    return max(places, key=lambda place: _same(longest[place:], prompts))


def _same(one: Sequence[str], other: Sequence[str]) -> int:
    return sum(text == said for text, said in zip(one, other, strict=False))
