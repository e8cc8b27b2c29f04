"""Sentences and table cells of a comparison's report: figures, settings, votes and conclusions. Pure functions."""

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
"""Maximum number of characters shown of a system prompt."""

UNTITLED = phrase("Untitled")

RULES = {
    ContextRule.OWN: phrase("Each model received its own responses as history."),
    ContextRule.WINNER: phrase("All models continued from the chosen response."),
    ContextRule.SHARED: phrase("All models received one history with the responses from all models."),
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
"""Phrases for responses that are not complete."""

FIRSTS = {
    Mark.SOONEST: phrase("best TTFT"),
    Mark.FASTEST: phrase("best tokens/s"),
    Mark.SHORTEST: phrase("best total time"),
    Mark.CHEAPEST: phrase("cheapest"),
    Mark.LONGEST: phrase("most tokens"),
}
TIED = {
    Mark.SOONEST: phrase("tied for best TTFT"),
    Mark.FASTEST: phrase("tied for best tokens/s"),
    Mark.SHORTEST: phrase("tied for best total time"),
    Mark.CHEAPEST: phrase("tied for cheapest"),
    Mark.LONGEST: phrase("tied for most tokens"),
}


CONTENDER_COLUMNS = (
    phrase("Model"),
    phrase("Connection"),
    phrase("Model reported by the server"),
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
    """Return the known figures of a response as text: TTFT, speed, tokens, time and cost."""
    texts: list[str] = []
    if line.ttft_ms is not None:
        texts.append(say(phrase("TTFT {time}", time=say(duration_text(line.ttft_ms)))))
    if line.tokens_per_second is not None:
        texts.append(say(phrase("{speed} tok/s", speed=speed_text(line.tokens_per_second))))
    if line.output_tokens is not None:
        tokens = say(counted("{n} token", "{n} tokens", line.output_tokens))
        texts.append(f"~{tokens}" if line.estimated else tokens)
    if line.duration_ms is not None:
        texts.append(say(phrase("total {time}", time=say(duration_text(line.duration_ms)))))
    if line.cost is not None:
        texts.append(say(money(line.cost)))
    return texts


def standings_text(standings: Sequence[Standing], say: Say) -> list[str]:
    """Return the figures in which a response leads, as text."""
    return [say((TIED if each.tied else FIRSTS)[each.mark]) for each in standings]


def connection_text(pane: ReportPane, say: Say) -> str:
    """Return a connection's name, or the origin of an imported model."""
    name = pane.state.model.connection
    program = program_of(name)
    return say(phrase("imported from {program}", program=program)) if program else in_a_line(bounded(name))


def contender_cells(report: ComparisonReport, place: int, say: Say) -> tuple[str, ...]:
    """Return a pane's row in the order of CONTENDER_COLUMNS. The cells of unknown figures are empty."""
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
    """Return the number of counted votes on a pane, and how many of them it won alone."""
    met = best = 0
    for vote, places in report.all_votes:
        if place in places and vote.set_aside is None:
            met += 1
            best += _stands_first(PlacedVote(vote, places), place)
    return met, best


def vote_text(report: ComparisonReport, placed: PlacedVote, say: Say) -> str:
    """Return a description of a vote: the panes' names, whether it was blind, and any reason why it is not counted."""
    vote = placed.vote
    names = [
        in_a_line(say(report.panes[place].name) if place is not None else bounded(each.model))
        for place, each in zip(placed.places, vote.contenders, strict=True)
    ]
    texts = [_outcome(names, vote.outcome.ranks, say, all_bad=vote.outcome.all_bad)]
    texts.append(say(phrase("blind") if vote.blind else phrase("with model names visible")))
    if vote.judge not in ("", "you"):
        texts.append(say(phrase("judged by {judge}", judge=in_a_line(bounded(vote.judge)))))
    if vote.set_aside is not None:
        texts.append(say(phrase("not counted: a response failed, was stopped or was cut off, or the turn was edited")))
    return " · ".join(texts)


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
    """Yield the number of votes and the conclusions that a ranking of the blind votes supports."""
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
    """Yield notes about the models' history and about how votes are counted."""
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
            "{n} vote is for responses that are not shown in this report.",
            "{n} votes are for responses that are not shown in this report.",
            len(report.other_votes),
        )


def about(report: ComparisonReport) -> Iterator[Phrase]:
    """Yield the facts below the title: number of models and turns, period, and version of the program."""
    yield counted("{n} contender", "{n} contenders", len(report.panes))
    yield counted("{n} turn", "{n} turns", len(report.turns))
    if (span := report.span) is not None:
        first, last = (day_text(each) for each in span)
        yield phrase("{first} to {last}", first=first, last=last) if first != last else english(first)
    yield phrase("created on {day} by Paragone {version}", day=time_text(report.at), version=report.version)


def day_text(at: datetime) -> str:
    """Return a time as a local date."""
    return f"{at.astimezone():%Y-%m-%d}"


def time_text(at: datetime) -> str:
    """Return a time as local time to the minute, with its UTC offset."""
    return f"{at.astimezone():%Y-%m-%d %H:%M %z}"


def is_best(turn: ReportTurn, place: int) -> bool:
    """Whether any counted vote on a turn ranks a pane's response alone in first place."""
    return any(_stands_first(placed, place) for placed in turn.votes)


def _stands_first(placed: PlacedVote, place: int) -> bool:
    vote, places = placed
    if vote.set_aside is not None or vote.outcome.all_bad or place not in places:
        return False
    return vote.outcome.ranks[places.index(place)] == 0 and vote.outcome.ranks.count(0) == 1


def undrawn_text(number: int) -> Phrase:
    """Return a note about the number of parts that exceeded the time limit for drawing."""
    return counted(
        "{n} formula or code block was not drawn because it would have taken too long.",
        "{n} formulas and code blocks were not drawn because they would have taken too long.",
        number,
    )


def system_text(report: ComparisonReport, place: int, say: Say) -> str:
    """Return a pane's system prompt, or a reference to an earlier pane with the same prompt."""
    system = report.panes[place].system
    if not system:
        return say(phrase("none"))
    first = next(pane for pane in report.panes if pane.system == system)
    if first is not report.panes[place]:
        return say(phrase("same as for {name}", name=first.name))
    return shown_system(system, say)


def shown_system(system: str, say: Say) -> str:
    """Return a system prompt, truncated with a note if it is very long."""
    rest = len(system) - MOST_SYSTEM
    if rest <= 0:
        return system
    left = counted("… and {n} more character", "… and {n} more characters", rest)
    return f"{system[:MOST_SYSTEM]}{say(left)}"


def parameter_text(value: object) -> str:
    """Return a parameter's value as text, or as JSON if it is not a string."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def like_first(share: float, first: Phrase) -> Phrase:
    """Return a sentence about the share of words that a response has in common with the first one."""
    return phrase("{percent}% of the words are the same as in {name}", percent=round(100 * share), name=first)
