"""History that a pane's model receives under each context rule of a comparison. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from desktop.domain.comparison import ContextRule
from desktop.domain.conversation_types import Message, Role
from desktop.domain.message_parts import TextPart
from desktop.metrics.alignment import Alignment
from desktop.text.phrases import Phrase, phrase

TEXTS: Mapping[ContextRule, tuple[Phrase, Phrase]] = {
    ContextRule.OWN: (phrase("Own"), phrase("Each model receives its own responses.")),
    ContextRule.WINNER: (
        phrase("Winner"),
        phrase("All models receive the chosen response of each turn, as if it were their own."),
    ),
    ContextRule.SHARED: (
        phrase("Shared"),
        phrase("All models receive all responses of each turn, with the model names."),
    ),
}
"""Name and description of each context rule."""


def history(
    rule: ContextRule, alignment: Alignment, names: Sequence[str], place: int, winners: Mapping[int, int]
) -> tuple[Message, ...] | None:
    """Return the history to send to the pane at index `place`, or None for the pane's own.

    `alignment` is that of the panes' conversations, `names` are the names of their models, and `winners` are the
    indexes of chosen panes by turn.
    """
    if rule is ContextRule.OWN:
        return None
    pairs = [_turns(path) for path in alignment.paths]
    messages: list[Message] = []
    for turn, numbers in enumerate(alignment.turns):
        if (asked := numbers[place]) is None:
            continue
        prompt, own = pairs[place][asked]
        answers = [pairs[at][number][1] if number is not None else None for at, number in enumerate(numbers)]
        messages.append(prompt)
        if rule is ContextRule.WINNER:
            winner = winners.get(turn, place)
            chosen = answers[winner] if 0 <= winner < len(answers) else None
            answer = chosen if chosen is not None else own
            if answer is not None:
                messages.append(answer)
        else:
            said = [(name, answer) for name, answer in zip(names, answers, strict=True) if answer is not None]
            if said:
                text = "\n\n".join(f"{name}:\n{answer.text}" for name, answer in said)
                messages.append(msgspec.structs.replace(said[0][1], parts=(TextPart(text=text),)))
    return tuple(messages)


def _turns(path: Sequence[Message]) -> list[tuple[Message, Message | None]]:
    """Return pairs of prompt and response. The response is None if it has no text."""
    pairs: list[tuple[Message, Message | None]] = []
    for message in path:
        if message.role is Role.USER:
            pairs.append((message, None))
        elif pairs and message.text:
            pairs[-1] = (pairs[-1][0], message)
    return pairs
