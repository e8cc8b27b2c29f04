"""Facts about the reliability of judges: position flips, biases, agreement with people, and cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from desktop.catalog.catalog import Catalog
from desktop.domain.conversation_types import ModelRef, Value
from desktop.domain.suite_cells import CellHead, CellRecord, PairChoice, PairVerdict, RunRecord
from desktop.evals.execution.case_scores import clusters_of
from desktop.evals.execution.score_claims import LEAST_CASES, RunVerdict, holm
from desktop.evals.judges.judge_setup import judge_digest
from desktop.evals.suites.suite import GraderSpec, Suite
from desktop.formatting.number_format import money
from desktop.stats.kappa import LEAST_SHARED, Agreement, agreement
from desktop.stats.mcnemar import mcnemar
from desktop.stats.proportions import LEVEL, wilson
from desktop.text.phrases import Phrase, bounded, counted, figure, phrase
from desktop.voting.contender import digest
from desktop.voting.vote import FIRST, SECOND, Vote

if TYPE_CHECKING:
    from desktop.store.store import Store

PairKey = tuple[int, int, int, int]
"""Case, repeat, and two contenders as indexes, the lower contender first."""


def reviewed_pairs(heads: Iterable[CellHead]) -> dict[PairKey, int]:
    """Return the pairs of responses that people reviewed: 1 if only the first passed, -1 if only the second, else 0."""
    together: defaultdict[tuple[int, int], list[CellHead]] = defaultdict(list)
    for head in heads:
        if head.reviewed is not None:
            together[head.key.case, head.key.repeat].append(head)
    preferences_by_pair: dict[PairKey, int] = {}
    for (case, repeat), each in together.items():
        ranked = sorted(each, key=lambda head: head.key.contender)
        for place, one in enumerate(ranked):
            for other in ranked[place + 1 :]:
                won = int(bool(one.reviewed)) - int(bool(other.reviewed))
                preferences_by_pair[case, repeat, one.key.contender, other.key.contender] = won
    return preferences_by_pair


def voted_pairs(votes: Iterable[Vote], suite: Suite) -> dict[PairKey, int]:
    """Return people's preferences from votes on the same prompt and models, as if for the first repeat.

    If there are several votes on a pair, the majority counts.
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
    """Return single-turn cases by prompt and by digest of the prompt, because votes may store either."""
    cases: dict[str, int] = {}
    for number, case in enumerate(suite.cases):
        turns = suite.turns(case)
        if len(turns) == 1:
            cases.setdefault(turns[0], number)
            cases.setdefault(digest(turns[0]), number)
    return cases


class Preference(Value, frozen=True, kw_only=True):
    """A judge's preference for contender `a` over `b`. Wins, losses and ties count cases or clusters.

    `a` has at least as many wins. `p` is the probability of the decided ones under a fair coin.
    """

    a: int
    b: int
    wins: int
    losses: int
    ties: int
    p: float | None
    verdict: RunVerdict


def preferences(verdicts: Sequence[PairVerdict], clusters: Sequence[Hashable]) -> tuple[Preference, ...]:
    """Return a judge's preference for each pair of contenders. The repeats of a case or cluster count as one."""
    balance: defaultdict[tuple[int, int], defaultdict[Hashable, int]] = defaultdict(lambda: defaultdict(int))
    for each in verdicts:
        if each.winner is not None and each.case < len(clusters):
            balance[each.a, each.b][clusters[each.case]] += each.winner
    counted = [_counts(pair, list(of.values())) for pair, of in sorted(balance.items())]
    held = holm([mcnemar(wins, losses) for _, _, wins, losses, _ in counted])
    return tuple(
        Preference(a=a, b=b, wins=wins, losses=losses, ties=ties, p=at.p, verdict=_verdict(wins + losses + ties, at.p))
        for (a, b, wins, losses, ties), at in zip(counted, held, strict=True)
    )


def _counts(pair: tuple[int, int], balances: Sequence[int]) -> tuple[int, int, int, int, int]:
    wins, losses = sum(each > 0 for each in balances), sum(each < 0 for each in balances)
    ties = len(balances) - wins - losses
    one, other = pair
    return (one, other, wins, losses, ties) if wins >= losses else (other, one, losses, wins, ties)


def _verdict(cases: int, p: float) -> RunVerdict:
    if cases < LEAST_CASES:
        return RunVerdict.TOO_FEW
    return RunVerdict.BETTER if p < LEVEL else RunVerdict.INCONCLUSIVE


JUDGE_TYPES = ("judge", "judge-pair")
CASES_AT_ONCE = 200

Maker = Callable[[str], str | None]
"""Returns a model's maker by its name, or None."""


class Share(Value, frozen=True):
    """A part of a whole, both as counts."""

    part: int
    whole: int

    def text(self) -> dict[str, Phrase]:
        """Return the percentage and its Wilson interval as placeholders for a sentence."""
        interval = wilson(self.part, self.whole)
        shares = (self.part / self.whole if self.whole else 0.0, *interval)
        return {name: figure(100 * each) for name, each in zip(("share", "low", "high"), shares, strict=True)}

    @property
    def has_effect(self) -> bool:
        """Whether the share differs significantly from one half."""
        interval = wilson(self.part, self.whole)
        return interval.low > 0.5 or interval.high < 0.5


class JudgeFacts(Value, frozen=True, kw_only=True):
    """Facts about a judge of a run. `items` is the number of judged responses or pairs; `errors` are failed ones.

    For a pairwise judge, `flipped` is the share of pairs whose choice depended on the order.
    """

    judge: str
    model: str
    in_pairs: bool
    items: int = 0
    errors: int = 0
    ties: int = 0
    flipped: Share = Share(0, 0)
    first_place: Share = Share(0, 0)
    longer: Share = Share(0, 0)
    people: Agreement | None = None
    calls: int = 0
    cost: float | None = None
    alike: tuple[str, ...] = ()
    preferences: tuple[Preference, ...] = ()

    @property
    def is_calibrated(self) -> bool:
        """Whether people judged enough of the same items for a comparison."""
        return self.people is not None and self.people.items >= LEAST_SHARED

    @property
    def notices(self) -> tuple[Phrase, ...]:
        """Warnings to show with the results."""
        return tuple(self._warnings()) if self.items and self.model else ()

    @property
    def sentences(self) -> tuple[Phrase, ...]:
        """Sentences with the known facts, except warnings."""
        return tuple(self._known()) if self.items and self.model else ()

    def _warnings(self) -> Iterator[Phrase]:
        if not self.is_calibrated:
            yield counted(
                "The judge {model} is not calibrated: people have judged only {n} of its items, and at "
                "least {least} are needed.",
                "The judge {model} is not calibrated: people have judged only {n} of its items, and at "
                "least {least} are needed.",
                self.people.items if self.people else 0,
                model=self.model,
                least=LEAST_SHARED,
            )
        if self.alike:
            yield phrase(
                "The judge {model} is from the same publisher as {names}. Judges tend to favor models "
                "from their own publisher.",
                model=self.model,
                names=bounded(", ".join(self.alike)),
            )
        if self.first_place.has_effect:
            yield phrase(
                "The judge {model} chose the response shown first {share}% of the time (95% CI "
                "{low}–{high}%): position bias. A win counts only if both orders agree.",
                model=self.model,
                **self.first_place.text(),
            )

    def _known(self) -> Iterator[Phrase]:
        model, cost = self.model, money(self.cost) if self.cost is not None else "?"
        yield counted(
            "The judge {model} was called {n} time at a cost of {cost}.",
            "The judge {model} was called {n} times at a cost of {cost}.",
            self.calls,
            model=model,
            cost=cost,
        )
        if self.errors:
            yield counted(
                "The judge {model} failed on {n} item, which is not counted.",
                "The judge {model} failed on {n} items, which are not counted.",
                self.errors,
                model=model,
            )
        if self.in_pairs and self.flipped.whole:
            yield phrase(
                "Swapping the two responses changed the verdict for {share}% of the pairs (95% CI {low}–{high}%).",
                **self.flipped.text(),
            )
            yield counted("{n} pair was a tie.", "{n} pairs were ties.", self.ties)
        if self.first_place.whole and not self.first_place.has_effect:
            yield phrase(
                "The judge chose the response shown first {share}% of the time (95% CI {low}–{high}%).",
                **self.first_place.text(),
            )
        if self.longer.whole:
            yield phrase("The longer response won {share}% of the pairs (95% CI {low}–{high}%).", **self.longer.text())
        if self.is_calibrated and self.people is not None:
            values = {"share": figure(100 * self.people.share), "items": figure(self.people.items)}
            if self.people.kappa is None:
                yield phrase("The judge agrees with people on {share}% of {items} items.", **values)
            else:
                kappa = figure(self.people.kappa, 2)
                yield phrase(
                    "The judge agrees with people on {share}% of {items} items (Cohen's kappa {kappa}).",
                    kappa=kappa,
                    **values,
                )


def pair_facts(
    spec: GraderSpec,
    verdicts: Sequence[PairVerdict],
    people: Mapping[PairKey, int],
    *,
    clusters: Sequence[Hashable] = (),
    alike: Sequence[str] = (),
) -> JudgeFacts:
    """Return the facts about a pairwise judge from its own verdicts and those of people."""
    read = [each for each in verdicts if each.winner is not None]
    choices = [choice for each in verdicts for choice in each.choices if choice is not None]
    decided = [choice for choice in choices if choice is not PairChoice.TIE]
    sized = [each for each in read if each.winner and each.lengths[0] != each.lengths[1]]
    shared = [
        (each.winner, people[key]) for each in read if (key := (each.case, each.repeat, each.a, each.b)) in people
    ]
    costs = [each.cost for each in verdicts if each.cost is not None]
    return JudgeFacts(
        judge=judge_digest(spec),
        model=str(spec.options.get("model", "")),
        in_pairs=True,
        items=len(verdicts),
        errors=len(verdicts) - len(read),
        ties=sum(each.winner == 0 for each in read),
        flipped=Share(sum(each.sides[0] != each.sides[1] for each in read), len(read)),
        first_place=Share(sum(choice is PairChoice.FIRST for choice in decided), len(decided)),
        longer=Share(sum((each.winner == 1) == (each.lengths[0] > each.lengths[1]) for each in sized), len(sized)),
        people=agreement(shared),
        calls=2 * len(verdicts),
        cost=sum(costs) if costs else None,
        alike=tuple(alike),
        preferences=preferences(verdicts, clusters),
    )


class AnswerJudgements:
    """Collects the grades of a judge of single responses, cell by cell."""

    def __init__(self, spec: GraderSpec, alike: Sequence[str] = ()) -> None:
        self._spec = spec
        self._alike = tuple(alike)
        self._items = self._errors = 0
        self._costs: list[float] = []
        self._shared: list[tuple[bool, bool]] = []

    def add(self, record: CellRecord, graders: Sequence[GraderSpec]) -> None:
        """Count this judge's grades of a cell."""
        if len(graders) != len(record.grades):
            return
        for spec, grade in zip(graders, record.grades, strict=True):
            if spec != self._spec:
                continue
            self._items += 1
            self._errors += grade.passed is None
            self._costs += [] if grade.cost is None else [grade.cost]
            if grade.passed is not None and record.reviewed is not None:
                self._shared.append((grade.passed, record.reviewed))

    @property
    def facts(self) -> JudgeFacts:
        """The facts about the judge from the collected grades."""
        return JudgeFacts(
            judge=judge_digest(self._spec),
            model=str(self._spec.options.get("model", "")),
            in_pairs=False,
            items=self._items,
            errors=self._errors,
            people=agreement(self._shared),
            calls=self._items,
            cost=sum(self._costs) if self._costs else None,
            alike=self._alike,
        )


def maker_of(catalog: Catalog) -> Maker:
    """Return a function that looks up makers in a catalog."""

    def maker(name: str) -> str | None:
        entry = catalog.find(name)
        return entry.publisher if entry is not None else None

    return maker


def judges_of(suite: Suite) -> list[GraderSpec]:
    """Return the distinct judges of a suite."""
    judges: dict[str, GraderSpec] = {}
    for spec in (spec for case in suite.cases for spec in case.graders if spec.type in JUDGE_TYPES):
        judges.setdefault(judge_digest(spec), spec)
    return list(judges.values())


def contenders_alike(spec: GraderSpec, suite: Suite, heads: Iterable[CellHead], maker: Maker | None) -> list[str]:
    """Return the contenders that are the judge's own model or are by the same maker."""
    named = spec.options.get("model")
    if not isinstance(named, str) or "/" not in named:
        return []
    judge = ModelRef.parse(named)
    own = maker(judge.name) if maker is not None else None
    servers: dict[int, set[str]] = {}
    for head in heads:
        if head.server_model:
            servers.setdefault(head.key.contender, set()).add(head.server_model)
    related: list[str] = []
    for number, contender in enumerate(suite.contenders):
        names = {contender.model.name, *servers.get(number, ())}
        makers = {maker(name) for name in names} if maker is not None and own is not None else set[str | None]()
        if judge.name in names or own in makers - {None}:
            related.append(contender.name)
    return related


async def read_judges(
    store: Store, run: RunRecord, suite: Suite, heads: Sequence[CellHead], maker: Maker | None = None
) -> tuple[JudgeFacts, ...]:
    """Return the facts about each judge of a run.

    Raises:
        StoreError: If the store cannot be read.
    """
    specs = judges_of(suite)
    pairs = [spec for spec in specs if spec.type == JUDGE_TYPES[1]]
    singles = {
        judge_digest(spec): AnswerJudgements(spec, contenders_alike(spec, suite, heads, maker))
        for spec in specs
        if spec not in pairs
    }
    pair_judges: list[JudgeFacts] = []
    if pairs:
        verdicts = await store.judge_verdicts.list(run.id)
        people = {**voted_pairs((await store.votes.list()).votes, suite), **reviewed_pairs(heads)}
        for spec in pairs:
            own = [each for each in verdicts if each.judge == judge_digest(spec)]
            alike = contenders_alike(spec, suite, heads, maker)
            pair_judges.append(pair_facts(spec, own, people, clusters=clusters_of(suite), alike=alike))
    if singles:
        for start in range(0, len(suite.cases), CASES_AT_ONCE):
            cases = range(start, min(start + CASES_AT_ONCE, len(suite.cases)))
            for record in await store.suite_runs.records(run.id, cases):
                for each in singles.values():
                    each.add(record, suite.cases[record.key.case].graders)
    return (*(each.facts for each in singles.values()), *pair_judges)
