"""Final output of `ask --times`: differences within each model and between models."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.domain.conversation_types import Message, ModelRef, Status
from desktop.markdown.text import rendered_text
from desktop.metrics.distance import Apart, distances
from desktop.session.ask_all import Outcome
from desktop.terminal.console import Console, count


def tell_distances(console: Console, refs: Sequence[ModelRef], outcomes: Sequence[Outcome], *, json: bool) -> None:
    """Print a line for each model: as JSON to standard output, or as text to standard error.

    Only complete responses are compared.
    """
    numbers = {ref: number for number, ref in enumerate(dict.fromkeys(refs))}
    whole = [
        rendered_text(each.text) if isinstance(each, Message) and each.status is Status.COMPLETE else ""
        for each in outcomes
    ]
    result = distances(whole, [numbers[ref] for ref in refs])
    if result is None:
        console.note("These responses are too long to be compared.")
        return
    of = {each.contender: each for each in result.contenders}
    for ref, number in numbers.items():
        one = of.get(number)
        itself, others = (one.itself, one.others) if one is not None else (None, None)
        answers = one.answers if one is not None else 0
        if json:
            console.json(
                {
                    "model": str(ref),
                    "index": refs.index(ref),
                    "event": "distance",
                    "answers": answers,
                    "from_itself": _rounded(itself),
                    "from_others": _rounded(others),
                    "short": result.short,
                }
            )
            continue
        said = [f"{ref}: {count(answers, 'response')}"]
        said.append(f"{itself.mean:.0%} within model" if itself is not None else "not enough responses to compare")
        said += [f"{others.mean:.0%} between models"] if others is not None else []
        console.note(" · ".join(said))
    if result.short and not json:
        console.note("Responses this short vary a lot by chance: each word counts.")


def _rounded(apart: Apart | None) -> float | None:
    return None if apart is None else round(apart.mean, 4)
