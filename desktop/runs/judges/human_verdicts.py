"""What people said of the answers of a run, as judges are held against it: reviews in it, and votes elsewhere; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from desktop.runs.suite import Suite
from desktop.suite_cells import CellHead
from desktop.voting.contender import digest
from desktop.voting.vote import FIRST, SECOND, Vote

PairKey = tuple[int, int, int, int]
"""Case, repeat, and two contenders by number, the lower first."""


def reviewed_pairs(heads: Iterable[CellHead]) -> dict[PairKey, int]:
    """Pairs of which a person reviewed both answers: 1 where only the first passed, -1 only the second, else 0."""
    together: defaultdict[tuple[int, int], list[CellHead]] = defaultdict(list)
    for head in heads:
        if head.reviewed is not None:
            together[head.key.case, head.key.repeat].append(head)
    found: dict[PairKey, int] = {}
    for (case, repeat), each in together.items():
        ranked = sorted(each, key=lambda head: head.key.contender)
        for place, one in enumerate(ranked):
            for other in ranked[place + 1 :]:
                won = int(bool(one.reviewed)) - int(bool(other.reviewed))
                found[case, repeat, one.key.contender, other.key.contender] = won
    return found


def voted_pairs(votes: Iterable[Vote], suite: Suite) -> dict[PairKey, int]:
    """The same by votes that were given on the same prompt and models, wherever that was; as for the first repeat.

    Of several votes on one pair their balance counts. A model that is several contenders cannot be told apart.
    """
    models: defaultdict[str, list[int]] = defaultdict(list)
    for number, contender in enumerate(suite.contenders):
        models[str(contender.model)].append(number)
    contenders = {model: numbers[0] for model, numbers in models.items() if len(numbers) == 1}
    cases = _by_prompt(suite)
    balance: defaultdict[PairKey, int] = defaultdict(int)
    for vote in votes:
        case = cases.get(vote.prompt)
        if case is None or vote.undone is not None or vote.set_aside is not None:
            continue
        places = [contenders.get(each.model) for each in vote.contenders]
        for one, other, result in vote.outcome.results():
            a, b = places[one], places[other]
            if a is None or b is None or a == b:
                continue
            won = {FIRST: 1, SECOND: -1}.get(result, 0)
            balance[case, 0, min(a, b), max(a, b)] += won if a < b else -won
    return {key: (won > 0) - (won < 0) for key, won in balance.items()}


def _by_prompt(suite: Suite) -> Mapping[str, int]:
    """Cases of one turn by what is asked in them, and by its digest: votes may hold either."""
    found: dict[str, int] = {}
    for number, case in enumerate(suite.cases):
        turns = suite.turns(case)
        if len(turns) == 1:
            found.setdefault(turns[0], number)
            found.setdefault(digest(turns[0]), number)
    return found
