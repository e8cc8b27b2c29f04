"""Counts votes by pair and prompt, independently of their order. Pure functions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import pairwise, repeat
from typing import NamedTuple

from msgspec import Struct

from desktop.domain.conversation_types import Value
from desktop.stats.bradley_terry import PairCount
from desktop.voting.contender import Contender, digest
from desktop.voting.vote import Outcome, Vote

_DIGEST = 64
_MOST_NAMED = 10_000
_HEX = frozenset("0123456789abcdef")


class By(StrEnum):
    """Unit that is ranked: models or contenders."""

    MODEL = "model"  # all contenders of a model together
    CONTENDER = "contender"  # separate by parameters, system prompt and server's model name


class LeftOut(StrEnum):
    """Reason why a vote is not counted."""

    UNDONE = "undone"  # withdrawn
    SET_ASIDE = "set aside"  # a response failed, was stopped or cut, or its turn was edited
    SIGHTED = "sighted"  # given with model names visible
    NAMED = "named"  # a response named a model or its maker
    FILTERED = "filtered"  # does not match the tag, judge or time
    ITSELF = "itself"  # all its responses are from one contender


class VoteFilter(Value, frozen=True, kw_only=True):
    """Selects votes: those with any of the tags, by the judge, and from `since` until before `until`.

    Only blind votes are selected unless `sighted`. `leave_named` excludes votes with a response that names a model.
    """

    tags: tuple[str, ...] = ()
    judge: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    sighted: bool = False
    leave_named: bool = False

    def against(self, vote: Vote) -> LeftOut | None:
        """Return the reason why a vote is excluded, or None."""
        if vote.undone is not None:
            return LeftOut.UNDONE
        if vote.set_aside is not None:
            return LeftOut.SET_ASIDE
        if not self.takes(vote.tags, vote.judge, vote.at):
            return LeftOut.FILTERED
        if not vote.blind and not self.sighted:
            return LeftOut.SIGHTED
        return LeftOut.NAMED if vote.names_model and self.leave_named else None

    def takes(self, tags: Iterable[str], judge: str, at: datetime | None) -> bool:
        """Whether tags (case-insensitive), judge and time match."""
        if self.tags and not {tag.casefold() for tag in self.tags} & {tag.casefold() for tag in tags}:
            return False
        if self.judge is not None and judge != self.judge:
            return False
        if self.since is None and self.until is None:
            return True
        return at is not None and (self.since is None or self.since <= at) and (self.until is None or at < self.until)

    @property
    def is_plain(self) -> bool:
        """Whether this is the default filter, which selects all blind votes."""
        return self == VoteFilter()

    @property
    def takes_all(self) -> bool:
        """Whether neither tags nor judge nor time are restricted."""
        return not self.tags and self.judge is None and self.since is None and self.until is None


Ballot = tuple[tuple[str, str, int], ...]
"""Pairs of one vote, each with the name shown first, the other name, and the result."""

IndexBallot = tuple[tuple[int, int, int], ...]
"""A ballot with the indexes of names instead of names."""


class PairTally(NamedTuple):
    """Results of a pair of names, given by their indexes. `first` was shown before `second`."""

    first: int
    second: int
    first_wins: int = 0
    second_wins: int = 0
    ties: int = 0
    both_bad: int = 0

    @property
    def met(self) -> int:
        """Total number of results."""
        return self.first_wins + self.second_wins + self.ties + self.both_bad

    @property
    def turned(self) -> PairTally:
        """The same results with the positions swapped."""
        return PairTally(self.second, self.first, self.second_wins, self.first_wins, self.ties, self.both_bad)

    def plus(self, other: PairTally) -> PairTally:
        """Return the sum of both tallies."""
        return PairTally(self.first, self.second, *(one + two for one, two in zip(self[2:], other[2:], strict=True)))

    @property
    def for_fit(self) -> PairCount:
        """Counts to which the model is fitted."""
        return PairCount(self.first, self.second, self.first_wins, self.second_wins, self.ties + self.both_bad)


class Cluster(NamedTuple):
    """Votes on one prompt: indexes of ballots, with counts.

    `times` is the number of prompts with exactly these votes.
    """

    ballots: tuple[tuple[int, int], ...]
    times: int


class Counts(Struct, frozen=True, kw_only=True):
    """Counted votes.

    `ballots` are distinct; `pairs` are in display order; `votes` are by name. `left_out` counts excluded votes by
    reason. `servers` are the model names that servers reported, by the name under which they are counted.
    `speed_visible` counts votes given while the speed of responses was visible.
    """

    names: tuple[str, ...]
    ballots: tuple[IndexBallot, ...]
    pairs: tuple[PairTally, ...]
    clusters: tuple[Cluster, ...]
    votes: tuple[int, ...]
    total: int
    left_out: Mapping[LeftOut, int]
    servers: Mapping[str, tuple[str, ...]]
    speed_visible: int = 0

    @property
    def prompts(self) -> int:
        """Number of prompts. A vote without a prompt counts as having its own."""
        return sum(cluster.times for cluster in self.clusters)

    @property
    def is_one_pair_a_prompt(self) -> bool:
        """Whether each prompt has a single vote on two responses, so that clustering makes no difference."""
        return all(
            len(cluster.ballots) == 1 and cluster.ballots[0][1] == 1 and len(self.ballots[cluster.ballots[0][0]]) == 1
            for cluster in self.clusters
        )

    def unordered(self) -> tuple[PairTally, ...]:
        """Return each pair once, with the lower index first, regardless of display order."""
        merged: dict[tuple[int, int], PairTally] = {}
        for pair in self.pairs:
            turned = pair if pair.first < pair.second else pair.turned
            key = turned[:2]
            merged[key] = merged[key].plus(turned) if key in merged else turned
        return tuple(merged[key] for key in sorted(merged))


class Tally:
    """Counts votes one by one."""

    def __init__(self, by: By = By.MODEL) -> None:
        self._by = by
        self._named: dict[Contender, str] = {}
        self._places: dict[Ballot, int] = {}
        self._loose: Counter[Ballot] = Counter()
        self._prompted: defaultdict[int, list[int]] = defaultdict(list)
        self._servers: dict[str, set[str]] = {}
        self._speed_visible = 0
        self._pairs: dict[tuple[str, str, int], tuple[str, str, int]] = {}
        """Each kind of pair once, for all ballots: a vote on many answers holds hundreds."""
        self.left_out: Counter[LeftOut] = Counter()

    def add_votes(self, votes: Iterable[Vote], wanted: VoteFilter) -> None:
        """Count the matching votes."""
        ballots: list[Ballot] = []
        prompts: list[str] = []
        for vote in votes:
            names = [self._name(each) for each in vote.contenders]
            ballot = tuple(self._ballot(names, vote.outcome))
            reason = wanted.against(vote) or (None if ballot else LeftOut.ITSELF)
            if reason is not None:
                self.left_out[reason] += 1
                continue
            for name, contender in zip(names, vote.contenders, strict=True):
                if contender.server_model:
                    self._servers.setdefault(name, set()).add(contender.server_model)
            self._speed_visible += vote.speed_visible
            ballots.append(ballot)
            prompts.append(vote.prompt)
        keys = {prompt: key_of(prompt) for prompt in {*prompts}}
        self.add(ballots, [keys[prompt] for prompt in prompts])

    def _ballot(self, names: Sequence[str], outcome: Outcome) -> Iterator[tuple[str, str, int]]:
        known = self._pairs
        for pair in met(names, outcome):
            yield known.setdefault(pair, pair)

    def _name(self, contender: Contender) -> str:
        """Return the name under which a contender is counted. It is computed once."""
        name = self._named.get(contender)
        if name is None:
            name = in_a_line(contender.model if self._by is By.MODEL else contender.label)
            if len(self._named) < _MOST_NAMED:
                self._named[contender] = name
        return name

    def add(self, ballots: Sequence[Ballot], prompts: Sequence[str] | None, times: Sequence[int] | None = None) -> None:
        """Count ballots by prompt, each as many times as `times` says. Those without a prompt are separate clusters."""
        if prompts is None and times is None:
            self._loose.update(ballots)
            return
        places, prompted, loose = self._places, self._prompted, self._loose
        for ballot, prompt, number in zip(ballots, prompts or repeat(""), times or repeat(1), strict=False):
            if not prompt or prompt.isspace():
                loose[ballot] += number
                continue
            place = places.setdefault(ballot, len(places))
            votes = prompted[hash(prompt)]  # the prompts of a million votes are not stored
            if number == 1:
                votes.append(place)
            else:
                votes.extend((place, -number))

    def counts(self) -> Counts:
        """Return the counts of all votes so far."""
        clusters = self._clusters()
        ballots = sorted({*self._loose, *self._places})
        names = sorted({name for ballot in ballots for pair in ballot for name in pair[:2]})
        places = {name: index for index, name in enumerate(names)}
        same: dict[tuple[str, str, int], tuple[int, int, int]] = {}
        for ballot in ballots:
            for pair in ballot:
                if pair not in same:
                    same[pair] = places[pair[0]], places[pair[1]], pair[2]
        placed = [tuple(map(same.__getitem__, ballot)) for ballot in ballots]
        totals = [0] * len(placed)
        for cluster in clusters:
            for index, number in cluster.ballots:
                totals[index] += number * cluster.times
        return Counts(
            names=tuple(names),
            ballots=tuple(placed),
            pairs=_pairs(placed, totals),
            clusters=tuple(clusters),
            votes=_votes(len(names), placed, totals),
            total=sum(totals),
            left_out=dict(self.left_out),
            servers={name: tuple(sorted(named)) for name, named in sorted(self._servers.items()) if len(named) > 1},
            speed_visible=self._speed_visible,
        )

    def _clusters(self) -> list[Cluster]:
        """Group prompts with the same ballots, in an order that is independent of the order of the votes."""
        new = {ballot: place for place, ballot in enumerate(sorted({*self._loose, *self._places}))}
        old = [new[ballot] for ballot in self._places]
        found: Counter[tuple[tuple[int, int], ...]] = Counter()
        for ballot, times in self._loose.items():
            found[((new[ballot], 1),)] += times
        for votes, times in Counter(map(tuple, map(_in_order, self._prompted.values()))).items():
            found[_cluster(votes, old)] += times
        return [Cluster(ballots, times) for ballots, times in sorted(found.items())]


class MeetingTally:
    """Counts results without storing votes, which is sufficient for a fit but not for claims."""

    def __init__(self) -> None:
        self._met: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        self._votes: Counter[str] = Counter()
        self._total = 0

    def add(self, names: Sequence[str], outcome: Outcome, times: int = 1) -> None:
        """Count one or more equal votes. Pairs of the same contender are ignored."""
        meetings = [*met(names, outcome)]
        if meetings:
            for one, other, result in meetings:
                self._met[one, other][result] += times
            for name in {*names}:
                self._votes[name] += times
            self._total += times

    def counts(self) -> Counts:
        """Return the counts, without ballots and prompts."""
        names = sorted(self._votes)
        places = {name: place for place, name in enumerate(names)}
        found = sorted((places[one], places[other], *results) for (one, other), results in self._met.items())
        return Counts(
            names=tuple(names),
            ballots=(),
            pairs=tuple(PairTally(*each) for each in found),
            clusters=(),
            votes=tuple(self._votes[name] for name in names),
            total=self._total,
            left_out={},
            servers={},
        )


def met(names: Sequence[str], outcome: Outcome) -> Iterator[tuple[str, str, int]]:
    """Yield the pairs of responses by different contenders, with their result.

    `names` are the contenders by response.
    """
    for one, other, result in outcome.results():
        if names[one] != names[other]:
            yield names[one], names[other], result


def _in_order(votes: list[int]) -> list[int]:
    """Sort the votes on a prompt, unless one of them represents several."""
    return votes if len(votes) == 1 or min(votes) < 0 else sorted(votes)


def _cluster(votes: Sequence[int], new: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Return the new indexes of ballots, with counts. A negative number is the count of the preceding index."""
    numbers: Counter[int] = Counter()
    for place, after in pairwise((*votes, 0)):
        if place >= 0:
            numbers[new[place]] += -after if after < 0 else 1
    return tuple(sorted(numbers.items()))


def counted_votes(votes: Iterable[Vote], wanted: VoteFilter, by: By = By.MODEL) -> Counts:
    """Count votes."""
    tally = Tally(by)
    tally.add_votes(votes, wanted)
    return tally.counts()


def _pairs(ballots: Sequence[IndexBallot], totals: Sequence[int]) -> tuple[PairTally, ...]:
    found: dict[tuple[int, int], list[int]] = {}
    for ballot, times in zip(ballots, totals, strict=True):
        for first, second, result in ballot:
            found.setdefault((first, second), [0, 0, 0, 0])[result] += times
    return tuple(PairTally(*key, *found[key]) for key in sorted(found))


def _votes(size: int, ballots: Sequence[IndexBallot], totals: Sequence[int]) -> tuple[int, ...]:
    votes = [0] * size
    for ballot, times in zip(ballots, totals, strict=True):
        for place in {place for pair in ballot for place in pair[:2]}:
            votes[place] += times
    return tuple(votes)


def in_a_line(name: str) -> str:
    """Return a name on one line, with single spaces."""
    return " ".join(name.split())


def key_of(prompt: str) -> str:
    """Return the key of a prompt, of which either the text or only the digest may be stored."""
    if not prompt or (len(prompt) == _DIGEST and {*prompt} <= _HEX):
        return prompt
    return digest(prompt)
