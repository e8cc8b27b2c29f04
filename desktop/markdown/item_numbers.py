"""Numbers of list items: used as written if they increase, otherwise counted from the first. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from markdown_it.token import Token

_NUMBER = "number"


def keep_numbers(tokens: Sequence[Token]) -> None:
    """Store the written numbers of the items in lists whose numbers increase with gaps, such as 1, 4, 5.

    Markdown counts from the first number, even if a list quotes selected points. In lists such as `1. 1. 1.`, counting
    is intended.
    """
    lists: list[list[Token]] = []
    for token in tokens:
        match token.type:
            case "ordered_list_open" | "bullet_list_open":
                lists.append([])
            case "list_item_open" if token.info.isdecimal():
                lists[-1].append(token)
            case "ordered_list_close" | "bullet_list_close":
                _note(lists.pop())
            case _:
                pass


def _note(items: Sequence[Token]) -> None:
    numbers = [int(item.info) for item in items]
    if any(after <= before for before, after in pairwise(numbers)):
        return
    for item, (before, number) in zip(items[1:], pairwise(numbers), strict=True):
        if number != before + 1:
            item.meta = {**item.meta, _NUMBER: number}


def number_of(item: Token, counted: int) -> int:
    """Return an item's number, which is the counted one unless another is stored."""
    return int(item.meta.get(_NUMBER, counted))


def number_after(tokens: Sequence[Token], first: int) -> int:
    """Return the number after the last item of a list that begins at `first`."""
    number = first
    for token in tokens:
        if token.type == "list_item_open" and token.level == 1:
            number = number_of(token, number) + 1
    return number


def item_counts(tokens: Sequence[Token]) -> Iterator[int]:
    """Yield the number of items of each list, in the order in which the lists begin."""
    counts: list[int] = []
    stack: list[int] = []
    for token in tokens:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            stack.append(len(counts))
            counts.append(0)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            stack.pop()
        elif token.type == "list_item_open":
            counts[stack[-1]] += 1
    return iter(counts)
