"""Text for votes."""

from __future__ import annotations

from desktop.text.phrases import phrase
from desktop.voting.blind_round import SetAside, letter
from desktop.voting.vote import Outcome, Vote
from ui.base.strings import tr

WHY_SET_ASIDE = {
    SetAside.ERROR: phrase("A response failed: votes in this round do not count."),
    SetAside.STOPPED: phrase("A response was stopped: votes in this round do not count."),
    SetAside.CUT: phrase("A response reached its limit: votes in this round do not count."),
}


def outcome_text(outcome: Outcome) -> str:
    """Describe an outcome by the letters of the responses."""
    answers, best = len(outcome.ranks), outcome.ranks.count(0)
    if outcome.all_bad:
        return tr("both bad") if answers == 2 else tr("all bad")
    if best == answers:
        return tr("tie")
    if best == 1 and answers == 2:
        return tr("{letter} is better", letter=letter(outcome.ranks.index(0)))
    if best == 1 and max(outcome.ranks) == 1:
        return tr("{letter} is best", letter=letter(outcome.ranks.index(0)))
    ranks = range(max(outcome.ranks) + 1)
    groups = ("=".join(letter(place) for place, at in enumerate(outcome.ranks) if at == rank) for rank in ranks)
    return " > ".join(groups)


def vote_said(vote: Vote) -> str:
    """Describe a vote, and if it does not count, the reason."""
    said = tr("Your vote: {vote}", vote=outcome_text(vote.outcome))
    if vote.set_aside is not None:
        return f"{said} {tr(WHY_SET_ASIDE[SetAside(vote.set_aside)])}"
    if vote.names_model:
        return f"{said} {tr('A response names a model or its publisher: the ranking can exclude this vote.')}"
    return said
