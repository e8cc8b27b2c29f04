"""What the page of a comparison tells: its panes, its turns with their answers, and the votes on them; pure."""

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
"""A prompt, and its answer where there is one."""


class ReportPane(Struct, frozen=True, kw_only=True):
    """A pane: its name among the others, its conversation (None where nothing was said, or it was deleted).

    `asked` are its prompts with their answers, `line` its figures over all of them. `servers` are the names that
    servers gave to the model, in the order in which they came.
    """

    name: Phrase
    state: PaneState
    conversation: Conversation | None
    asked: tuple[Asked, ...]
    line: FigureLine
    servers: tuple[str, ...]

    def has_copied(self, answer: Message | None) -> bool:
        """Whether an answer was given elsewhere, and came along into this conversation."""
        return answer is not None and self.conversation is not None and is_copy(answer, self.conversation.created_at)

    @property
    def is_deleted(self) -> bool:
        """Whether something was said in it that is not there any more."""
        return self.state.said and self.conversation is None

    @property
    def system(self) -> str:
        """The system prompt."""
        return self.conversation.system if self.conversation is not None else self.state.system

    @property
    def parameters(self) -> dict[str, object]:
        """What is set of them, by the names on the wire."""
        held = self.conversation if self.conversation is not None else self.state
        return dict(held.parameters.values)


class ReportAnswer(NamedTuple):
    """What a pane was asked in a turn (None where it was not), its answer, its figures, and what it is first in."""

    prompt: Message | None
    answer: Message | None
    line: FigureLine
    standings: tuple[Standing, ...]


class PlacedVote(NamedTuple):
    """A vote, and for each of its answers in turn the pane that it stands in; None for one that is not shown here."""

    vote: Vote
    places: tuple[int | None, ...]


class ReportTurn(NamedTuple):
    """A turn, counted from 0, with an answer for each pane."""

    number: int
    answers: tuple[ReportAnswer, ...]
    votes: tuple[PlacedVote, ...]

    @property
    def prompt(self) -> Message | None:
        """The prompt as the first pane that was asked had it."""
        return next((each.prompt for each in self.answers if each.prompt is not None), None)


class ComparisonReport(Struct, frozen=True, kw_only=True):
    """All of it. `at` is when it was made, `version` the program's; `ranking` is what the blind votes in it say.

    `votes` has them by turn; `other_votes` are those on answers that are not shown. `hidden` are names of hosts that
    nothing told of an error may have. None of the panes' conversations is held twice.
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
        """The title in one line; empty where it has none."""
        return " ".join(self.comparison.title.split())

    @property
    def all_votes(self) -> tuple[PlacedVote, ...]:
        """Every vote that was not taken back, oldest first."""
        found = [*(each for votes in self.votes.values() for each in votes), *self.other_votes]
        return tuple(sorted(found, key=lambda each: each.vote.at))

    @property
    def standings(self) -> list[tuple[Standing, ...]]:
        """What each pane is first in over all turns; nobody where they did not answer equally often."""
        lines = [pane.line for pane in self.panes]
        if len({line.answers for line in lines}) != 1:
            return [() for _ in lines]
        return standings(lines)

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """When the first and the last prompt were sent; None where nothing was asked."""
        times = [asked.created_at for pane in self.panes for asked, _ in (pane.asked[:1] + pane.asked[-1:])]
        return (min(times), max(times)) if times else None

    def turn(self, number: int) -> ReportTurn:
        """A turn, counted from 0."""
        found = [_asked(pane, at) for pane, at in zip(self.panes, self.turns[number], strict=True)]
        lines = [
            of_turn(str(pane.name), [each for each in asked if each is not None and not pane.has_copied(asked[1])], 0)
            for pane, asked in zip(self.panes, found, strict=True)
        ]
        answers = tuple(
            ReportAnswer(*asked, line, first) for asked, line, first in zip(found, lines, standings(lines), strict=True)
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
    """A report of a comparison: its panes' conversations in their order, and the votes that were given in it."""
    panes = panes_of(comparison, conversations)
    paths = [[each for asked in pane.asked for each in asked if each is not None] for pane in panes]
    placed = tuple(aligned(paths))
    by_turn, others = _placed(panes, placed, votes)
    return ComparisonReport(
        comparison=comparison,
        panes=panes,
        turns=placed,
        votes=by_turn,
        other_votes=others,
        ranking=ranking,
        damaged_votes=damaged_votes,
        version=version,
        at=at,
    )


def panes_of(comparison: Comparison, conversations: Sequence[Conversation | None]) -> tuple[ReportPane, ...]:
    """The panes of a comparison with their conversations."""
    states = comparison.panes
    counted = Counter(state.model.name for state in states)
    found: list[ReportPane] = []
    for number, (state, conversation) in enumerate(zip(states, conversations, strict=True), 1):
        name = bounded(" ".join(state.model.name.split()))
        title = phrase("{model} ({number})", model=name, number=number) if counted[state.model.name] > 1 else None
        path = conversation.path() if conversation is not None else ()
        told = title or english(name)
        found.append(
            ReportPane(
                name=told,
                state=state,
                conversation=conversation,
                asked=tuple(turns(path)),
                line=over_all(str(told), path, conversation.created_at if conversation is not None else None),
                servers=tuple(dict.fromkeys(_servers(path))),
            )
        )
    return tuple(found)


def _servers(path: Iterable[Message]) -> Iterator[str]:
    for message in path:
        if message.role is Role.ASSISTANT and message.figures is not None and message.figures.server_model:
            yield message.figures.server_model


def _asked(pane: ReportPane, number: int | None) -> tuple[Message | None, Message | None]:
    return (None, None) if number is None else pane.asked[number]


def _placed(
    panes: Sequence[ReportPane], numbers: Sequence[AlignedTurn], votes: Iterable[Vote]
) -> tuple[dict[int, tuple[PlacedVote, ...]], tuple[PlacedVote, ...]]:
    """Votes by the turns of their answers, and those without one; what was taken back is nowhere."""
    turn_of = [
        {own: turn for turn, each in enumerate(numbers) if (own := each[place]) is not None}
        for place in range(len(panes))
    ]
    places = {
        answer.id: (place, turn_of[place].get(number))
        for place, pane in enumerate(panes)
        for number, (_, answer) in enumerate(pane.asked)
        if answer is not None
    }
    by_turn: dict[int, list[PlacedVote]] = {}
    others: list[PlacedVote] = []
    for vote in votes:
        if vote.undone is not None:
            continue
        found = [places.get(answer) for answer in vote.answers] or [None] * len(vote.contenders)
        placed = PlacedVote(vote, tuple(each[0] if each is not None else None for each in found))
        turn = next((each[1] for each in found if each is not None and each[1] is not None), None)
        (others if turn is None else by_turn.setdefault(turn, [])).append(placed)
    return {turn: tuple(each) for turn, each in by_turn.items()}, tuple(others)
