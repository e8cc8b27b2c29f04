"""Contents of a comparison's report: panes, turns with responses, and votes. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from desktop.domain.comparison import Comparison, PaneState
from desktop.domain.conversation_types import Conversation, Message, Role
from desktop.metrics.alignment import AlignedTurn, aligned
from desktop.metrics.figures import FigureLine, Standing, is_copy, of_turn, over_all, standings, turns
from desktop.text.phrases import Phrase, bounded, english, phrase
from desktop.voting.ranking import Ranking
from desktop.voting.vote import Vote

Asked = tuple[Message, Message | None]
"""A prompt with its response, or None if there is no response."""


class ReportPane(Struct, frozen=True, kw_only=True):
    """A pane with a unique name and its conversation, which is None if nothing was sent or it was deleted.

    `asked` are its prompts with their responses, `line` the figures of all its responses. `servers` are the model names
    that servers reported, in order of occurrence.
    """

    name: Phrase
    state: PaneState
    conversation: Conversation | None
    asked: tuple[Asked, ...]
    line: FigureLine
    servers: tuple[str, ...]

    def has_copied(self, answer: Message | None) -> bool:
        """Whether a response was copied into the pane's conversation from another one."""
        return answer is not None and self.conversation is not None and is_copy(answer, self.conversation.created_at)

    @property
    def is_deleted(self) -> bool:
        """Whether the pane had a conversation that no longer exists."""
        return self.state.said and self.conversation is None

    @property
    def system(self) -> str:
        """System prompt of the pane."""
        return self.conversation.system if self.conversation is not None else self.state.system

    @property
    def parameters(self) -> dict[str, object]:
        """Parameters that are set, by their names in the API."""
        source = self.conversation if self.conversation is not None else self.state
        return dict(source.parameters.values)


class ReportAnswer(NamedTuple):
    """A pane's prompt in a turn (None if nothing was sent), with its response, figures, and the ones it leads in."""

    prompt: Message | None
    answer: Message | None
    line: FigureLine
    standings: tuple[Standing, ...]


class PlacedVote(NamedTuple):
    """A vote with the pane index of each of its responses, or None for responses that are not shown."""

    vote: Vote
    places: tuple[int | None, ...]


class ReportTurn(NamedTuple):
    """A turn, numbered from 0, with an entry for each pane."""

    number: int
    answers: tuple[ReportAnswer, ...]
    votes: tuple[PlacedVote, ...]

    @property
    def prompt(self) -> Message | None:
        """The prompt as sent by the first pane that has one, or None."""
        return next((each.prompt for each in self.answers if each.prompt is not None), None)


class ComparisonReport(Struct, frozen=True, kw_only=True):
    """The complete report. `at` is when it was created, `version` is Paragone's; `ranking` is based on blind votes.

    `votes` are grouped by turn; `other_votes` are on responses that are not shown. `hidden` are host names to remove
    from error messages.
    """

    comparison: Comparison
    panes: tuple[ReportPane, ...]
    turns: tuple[AlignedTurn, ...]
    votes: dict[int, tuple[PlacedVote, ...]]
    other_votes: tuple[PlacedVote, ...]
    ranking: Ranking | None
    damaged_votes: int
    version: str
    at: datetime

    @property
    def title(self) -> str:
        """The title on one line, or an empty string."""
        return " ".join(self.comparison.title.split())

    @property
    def all_votes(self) -> tuple[PlacedVote, ...]:
        """All votes that were not withdrawn, oldest first."""
        found = [*(each for votes in self.votes.values() for each in votes), *self.other_votes]
        return tuple(sorted(found, key=lambda each: each.vote.at))

    @property
    def standings(self) -> list[tuple[Standing, ...]]:
        """For each pane, the figures in which it leads over all turns; empty if the panes' response counts differ."""
        lines = [pane.line for pane in self.panes]
        if len({line.answers for line in lines}) != 1:
            return [() for _ in lines]
        return standings(lines)

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """Times of the first and the last prompt, or None without prompts."""
        times = [asked.created_at for pane in self.panes for asked, _ in (pane.asked[:1] + pane.asked[-1:])]
        return (min(times), max(times)) if times else None

    def turn(self, number: int) -> ReportTurn:
        """Return a turn, numbered from 0."""
        exchanges = [_asked(pane, at) for pane, at in zip(self.panes, self.turns[number], strict=True)]
        lines = [
            of_turn(str(pane.name), [each for each in asked if each is not None and not pane.has_copied(asked[1])], 0)
            for pane, asked in zip(self.panes, exchanges, strict=True)
        ]
        answers = tuple(
            ReportAnswer(*asked, line, first)
            for asked, line, first in zip(exchanges, lines, standings(lines), strict=True)
        )
        return ReportTurn(number, answers, self.votes.get(number, ()))


def report_of(
    comparison: Comparison,
    conversations: Sequence[Conversation | None],
    votes: Iterable[Vote],
    ranking: Ranking | None = None,
    *,
    version: str,
    at: datetime,
    damaged_votes: int = 0,
) -> ComparisonReport:
    """Return the report of a comparison. The conversations are in the order of its panes."""
    panes = panes_of(comparison, conversations)
    paths = [[each for asked in pane.asked for each in asked if each is not None] for pane in panes]
    placed = tuple(aligned(paths))
    by_turn, other_votes = _placed(panes, placed, votes)
    return ComparisonReport(
        comparison=comparison,
        panes=panes,
        turns=placed,
        votes=by_turn,
        other_votes=other_votes,
        ranking=ranking,
        damaged_votes=damaged_votes,
        version=version,
        at=at,
    )


def panes_of(comparison: Comparison, conversations: Sequence[Conversation | None]) -> tuple[ReportPane, ...]:
    """Return the panes of a comparison with their conversations."""
    states = comparison.panes
    counted = Counter(state.model.name for state in states)
    report_panes: list[ReportPane] = []
    for number, (state, conversation) in enumerate(zip(states, conversations, strict=True), 1):
        name = bounded(" ".join(state.model.name.split()))
        title = phrase("{model} ({number})", model=name, number=number) if counted[state.model.name] > 1 else None
        path = conversation.path() if conversation is not None else ()
        label = title or english(name)
        report_panes.append(
            ReportPane(
                name=label,
                state=state,
                conversation=conversation,
                asked=tuple(turns(path)),
                line=over_all(str(label), path, conversation.created_at if conversation is not None else None),
                servers=tuple(dict.fromkeys(_servers(path))),
            )
        )
    return tuple(report_panes)


def _servers(path: Iterable[Message]) -> Iterator[str]:
    for message in path:
        if message.role is Role.ASSISTANT and message.figures is not None and message.figures.server_model:
            yield message.figures.server_model


def _asked(pane: ReportPane, number: int | None) -> tuple[Message | None, Message | None]:
    return (None, None) if number is None else pane.asked[number]


def _placed(
    panes: Sequence[ReportPane], numbers: Sequence[AlignedTurn], votes: Iterable[Vote]
) -> tuple[dict[int, tuple[PlacedVote, ...]], tuple[PlacedVote, ...]]:
    """Return the votes by turn, and the votes whose responses are in no turn. Withdrawn votes are excluded."""
    turn_of = [
        {own: turn for turn, each in enumerate(numbers) if (own := each[column]) is not None}
        for column in range(len(panes))
    ]
    places = {
        answer.id: (column, turn_of[column].get(number))
        for column, pane in enumerate(panes)
        for number, (_, answer) in enumerate(pane.asked)
        if answer is not None
    }
    by_turn: dict[int, list[PlacedVote]] = {}
    other_votes: list[PlacedVote] = []
    for vote in votes:
        if vote.undone is not None:
            continue
        locations = [places.get(answer) for answer in vote.answers] or [None] * len(vote.contenders)
        placed = PlacedVote(vote, tuple(each[0] if each is not None else None for each in locations))
        turn = next((each[1] for each in locations if each is not None and each[1] is not None), None)
        (other_votes if turn is None else by_turn.setdefault(turn, [])).append(placed)
    return {turn: tuple(each) for turn, each in by_turn.items()}, tuple(other_votes)
