"""What a pane's model is told was said before, by a comparison's rule; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from desktop.comparison import ContextRule
from desktop.domain import Message, Role, TextPart
from desktop.evaluation.alignment import begins
from desktop.phrases import Phrase, phrase

TEXTS: Mapping[ContextRule, tuple[Phrase, Phrase]] = {
    ContextRule.OWN: (phrase("Own"), phrase("Each model is told its own answers.")),
    ContextRule.WINNER: (
        phrase("Winner"),
        phrase("All models are told the answer that was chosen in each turn, as if it were theirs."),
    ),
    ContextRule.SHARED: (
        phrase("Shared"),
        phrase("All models are told all answers of each turn, with the names of who gave them."),
    ),
}
"""How a rule is called, and what it does."""


def history(
    rule: ContextRule, paths: Sequence[Sequence[Message]], names: Sequence[str], place: int, winners: Mapping[int, int]
) -> tuple[Message, ...] | None:
    """The history for the pane at a place; None for its own.

    `paths` are the panes' conversations, `names` their models. `winners` gives by a turn's number, from 0 in the
    longest of them, the place of the pane whose answer was chosen; a turn without one has the pane's own answer.
    """
    if rule is ContextRule.OWN:
        return None
    began = begins(paths)
    turns = [[*[None] * begin, *_turns(path)] for begin, path in zip(began, paths, strict=True)]
    told: list[Message] = []
    for number, turn in enumerate(turns[place]):
        if turn is None:
            continue
        prompt, own = turn
        told.append(prompt)
        if rule is ContextRule.WINNER:
            chosen = _answer(turns, winners.get(number, place), number)
            answer = chosen if chosen is not None else own
            if answer is not None:
                told.append(answer)
        else:
            said = [(names[at], answer) for at in range(len(turns)) if (answer := _answer(turns, at, number))]
            if said:
                text = "\n\n".join(f"{name}:\n{answer.text}" for name, answer in said)
                told.append(msgspec.structs.replace(said[0][1], parts=(TextPart(text=text),)))
    return tuple(told)


def turn_count(path: Sequence[Message]) -> int:
    """How many prompts a conversation has."""
    return sum(message.role is Role.USER for message in path)


def _turns(path: Sequence[Message]) -> list[tuple[Message, Message | None]]:
    """Prompts with their answers, None where there is none with a text."""
    found: list[tuple[Message, Message | None]] = []
    for message in path:
        if message.role is Role.USER:
            found.append((message, None))
        elif found and message.text:
            found[-1] = (found[-1][0], message)
    return found


def _answer(
    turns: Sequence[Sequence[tuple[Message, Message | None] | None]], place: int, number: int
) -> Message | None:
    if not 0 <= place < len(turns) or number >= len(turns[place]):
        return None
    turn = turns[place][number]
    return turn[1] if turn is not None else None
