"""What the page of a comparison says in words: figures, settings, votes, and what can be claimed of them; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from desktop.domain.comparison import ContextRule
from desktop.domain.conversation_types import Status
from desktop.domain.imported_models import program_of
from desktop.formatting.number_format import Say, duration_text, in_a_line, money, speed_text
from desktop.metrics.figures import FigureLine, Mark, Standing
from desktop.reports.comparison_report import ComparisonReport, PlacedVote, ReportPane, ReportTurn
from desktop.reports.ranking_text import sentences
from desktop.text.phrases import Phrase, bounded, counted, english, figure, phrase
from desktop.voting.ranking_notices import notices

MOST_SYSTEM = 20_000
"""Characters of a system prompt that are shown."""

UNTITLED = phrase("Untitled")

RULES = {
    ContextRule.OWN: phrase("Each model received its own responses as history."),
    ContextRule.WINNER: phrase("All models continued from the chosen response."),
    ContextRule.SHARED: phrase("All models received one history with everyone's responses."),
}

MARKED = phrase(
    "Highlighted words do not occur in the first response of the turn. Responses that share less than a "
    "quarter of their words with it are not highlighted."
)

STATES = {
    Status.STREAMING: phrase("in progress"),
    Status.STOPPED: phrase("stopped"),
    Status.FAILED: phrase("failed"),
    Status.INTERRUPTED: phrase("interrupted"),
}
"""What is said of an answer that is not complete."""

FIRSTS = {
    Mark.SOONEST: phrase("best TTFT"),
    Mark.FASTEST: phrase("best tokens/s"),
    Mark.SHORTEST: phrase("best total time"),
    Mark.CHEAPEST: phrase("cheapest"),
    Mark.LONGEST: phrase("most tokens"),
}
TIED = {
    Mark.SOONEST: phrase("tied TTFT"),
    Mark.FASTEST: phrase("tied tokens/s"),
    Mark.SHORTEST: phrase("tied total time"),
    Mark.CHEAPEST: phrase("tied cheapest"),
    Mark.LONGEST: phrase("tied most tokens"),
}


CONTENDER_COLUMNS = (
    phrase("Model"),
    phrase("Connection"),
    phrase("Model named by the server"),
    phrase("Responses"),
    phrase("Best in"),
    phrase("TTFT"),
    phrase("Tokens per second"),
    phrase("Input tokens"),
    phrase("Output tokens"),
    phrase("Duration"),
    phrase("Cost"),
)


def figures_text(line: FigureLine, say: Say) -> list[str]:
    """An answer's figures, as far as they are known: time to the first token, speed, tokens, time, cost."""
    found: list[str] = []
    if line.ttft_ms is not None:
        found.append(say(phrase("TTFT {time}", time=say(duration_text(line.ttft_ms)))))
    if line.tokens_per_second is not None:
        found.append(say(phrase("{speed} tok/s", speed=speed_text(line.tokens_per_second))))
    if line.output_tokens is not None:
        said = say(counted("{n} token", "{n} tokens", line.output_tokens))
        found.append(f"~{said}" if line.estimated else said)
    if line.duration_ms is not None:
        found.append(say(phrase("total {time}", time=say(duration_text(line.duration_ms)))))
    if line.cost is not None:
        found.append(say(money(line.cost)))
    return found


def standings_text(standings: Sequence[Standing], say: Say) -> list[str]:
    """What an answer is first in."""
    return [say((TIED if each.tied else FIRSTS)[each.mark]) for each in standings]


def connection_text(pane: ReportPane, say: Say) -> str:
    """A connection by its name alone; of an imported model where it comes from."""
    name = pane.state.model.connection
    program = program_of(name)
    return say(phrase("imported from {program}", program=program)) if program else in_a_line(bounded(name))


def contender_cells(report: ComparisonReport, place: int, say: Say) -> tuple[str, ...]:
    """A pane's row in the order of CONTENDER_COLUMNS; empty cells for what is not known."""
    pane = report.panes[place]
    line = pane.line
    met, best = votes_of(report, place)
    return (
        in_a_line(say(pane.name)),
        connection_text(pane, say),
        ", ".join(in_a_line(bounded(each)) for each in pane.servers),
        say(figure(line.answers)),
        say(phrase("{best} of {votes}", best=best, votes=met)) if met else "",
        say(duration_text(line.ttft_ms)) if line.ttft_ms is not None else "",
        say(speed_text(line.tokens_per_second)) if line.tokens_per_second is not None else "",
        say(figure(line.input_tokens)) if line.input_tokens is not None else "",
        say(figure(line.output_tokens)) if line.output_tokens is not None else "",
        say(duration_text(line.duration_ms)) if line.duration_ms is not None else "",
        say(money(line.cost)) if line.cost is not None else "",
    )


def votes_of(report: ComparisonReport, place: int) -> tuple[int, int]:
    """In how many votes that count a pane stood, and in how many it alone was the best."""
    met = best = 0
    for vote, places in report.all_votes:
        if place in places and vote.set_aside is None:
            met += 1
            best += _stands_first(PlacedVote(vote, places), place)
    return met, best


def vote_text(report: ComparisonReport, placed: PlacedVote, say: Say) -> str:
    """What was voted, by the names of the panes; whether it was blind, and why it does not count where it does not."""
    vote = placed.vote
    names = [
        in_a_line(say(report.panes[place].name) if place is not None else bounded(each.model))
        for place, each in zip(placed.places, vote.contenders, strict=True)
    ]
    said = [_outcome(names, vote.outcome.ranks, say, all_bad=vote.outcome.all_bad)]
    said.append(say(phrase("blind") if vote.blind else phrase("with model names visible")))
    if vote.judge not in ("", "you"):
        said.append(say(phrase("by {judge}", judge=in_a_line(bounded(vote.judge)))))
    if vote.set_aside is not None:
        said.append(say(phrase("does not count: a response failed, was stopped or cut, or the turn was edited")))
    return " · ".join(said)


def _outcome(names: Sequence[str], ranks: Sequence[int], say: Say, *, all_bad: bool) -> str:
    best = [name for name, rank in zip(names, ranks, strict=True) if rank == 0]
    if all_bad:
        return say(phrase("Both bad") if len(names) == 2 else phrase("All bad"))
    if len(best) == len(names):
        return say(phrase("Tie"))
    if max(ranks) == 1:
        return say(phrase("Best: {names}", names=", ".join(best)))
    order = (
        " = ".join(name for name, at in zip(names, ranks, strict=True) if at == rank) for rank in range(max(ranks) + 1)
    )
    return " > ".join(order)


def claims(report: ComparisonReport) -> Iterator[Phrase]:
    """How many votes there are and what the ranking makes of the blind ones: nothing is claimed that it does not."""
    votes = [placed.vote for placed in report.all_votes]
    if not votes:
        yield phrase("No votes were given in this comparison, so it does not say which model is better.")
        return
    yield counted("{n} vote was given in this comparison.", "{n} votes were given in this comparison.", len(votes))
    yield counted("{n} of them was blind.", "{n} of them were blind.", sum(vote.blind for vote in votes))
    if report.ranking is None or not report.ranking.models:
        yield phrase("These votes do not support any conclusion yet.")
    else:
        yield from sentences(report.ranking)


def known(report: ComparisonReport) -> Iterator[Phrase]:
    """What is to be known beside it: the history that models were given, and which votes count how."""
    yield RULES[report.comparison.rule]
    if report.damaged_votes:
        yield counted(
            "{n} vote is damaged and is not counted.",
            "{n} votes are damaged and are not counted.",
            report.damaged_votes,
        )
    if report.ranking is not None:
        yield from notices(report.ranking)
    if report.other_votes:
        yield counted(
            "{n} vote is on responses not shown here.",
            "{n} votes are on responses not shown here.",
            len(report.other_votes),
        )


def about(report: ComparisonReport) -> Iterator[Phrase]:
    """What stands below the title: how many models and turns, from when to when, and what made the page."""
    yield counted("{n} contender", "{n} contenders", len(report.panes))
    yield counted("{n} turn", "{n} turns", len(report.turns))
    if (span := report.span) is not None:
        first, last = (day_text(each) for each in span)
        yield phrase("{first} to {last}", first=first, last=last) if first != last else english(first)
    yield phrase("created on {day} by Paragone {version}", day=time_text(report.at), version=report.version)


def day_text(at: datetime) -> str:
    """A day."""
    return f"{at.astimezone():%Y-%m-%d}"


def time_text(at: datetime) -> str:
    """A time, to the minute, with its zone."""
    return f"{at.astimezone():%Y-%m-%d %H:%M %z}"


def is_best(turn: ReportTurn, place: int) -> bool:
    """Whether some vote on a turn that counts has a pane's answer alone as its best."""
    return any(_stands_first(placed, place) for placed in turn.votes)


def _stands_first(placed: PlacedVote, place: int) -> bool:
    vote, places = placed
    if vote.set_aside is not None or vote.outcome.all_bad or place not in places:
        return False
    return vote.outcome.ranks[places.index(place)] == 0 and vote.outcome.ranks.count(0) == 1


def undrawn_text(number: int) -> Phrase:
    """How much had no time to be drawn."""
    return counted(
        "{n} formula or code block was not drawn because it would have taken too long.",
        "{n} formulas and code blocks were not drawn because they would have taken too long.",
        number,
    )


def system_text(report: ComparisonReport, place: int, say: Say) -> str:
    """A pane's system prompt, or above which one the same stands."""
    system = report.panes[place].system
    if not system:
        return say(phrase("none"))
    first = next(pane for pane in report.panes if pane.system == system)
    if first is not report.panes[place]:
        return say(phrase("the same as that of {name}", name=first.name))
    return shown_system(system, say)


def shown_system(system: str, say: Say) -> str:
    """A system prompt, of a very long one the beginning with how much is left out."""
    rest = len(system) - MOST_SYSTEM
    if rest <= 0:
        return system
    left = counted("… and {n} more character", "… and {n} more characters", rest)
    return f"{system[:MOST_SYSTEM]}{say(left)}"


def parameter_text(value: object) -> str:
    """A parameter's value, as JSON where it is no text."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def like_first(share: float, first: Phrase) -> Phrase:
    """How many of an answer's words are those of the first one."""
    return phrase("{percent}% of the words are the same as in {name}", percent=round(100 * share), name=first)
