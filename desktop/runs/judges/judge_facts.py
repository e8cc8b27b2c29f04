"""What is known of a judge: how often it flips, what it favours, how far it agrees with people, and what it cost."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from desktop.catalog.catalog import Catalog
from desktop.domain import ModelRef, Value
from desktop.phrases import Phrase, bounded, counted, figure, phrase
from desktop.runs.case_scores import clusters_of
from desktop.runs.judges.human_verdicts import PairKey, reviewed_pairs, voted_pairs
from desktop.runs.judges.judge_setup import judge_digest
from desktop.runs.judges.kappa import LEAST_SHARED, Agreement, agreement
from desktop.runs.judges.preference import Preference, preferences
from desktop.runs.suite import GraderSpec, Suite
from desktop.suite_cells import CellHead, CellRecord, PairChoice, PairVerdict, RunRecord
from desktop.transfer.comparison_page.report_phrases import money
from desktop.voting.intervals import wilson

if TYPE_CHECKING:
    from desktop.store.store import Store

JUDGE_TYPES = ("judge", "judge-pair")
CASES_AT_ONCE = 200

Maker = Callable[[str], str | None]
"""Who makes a model, by its name; None where that is not known."""


class Share(Value, frozen=True):
    """So many of so many."""

    part: int
    whole: int

    def text(self) -> dict[str, Phrase]:
        """The share in a hundred with Wilson's interval, for a sentence."""
        interval = wilson(self.part, self.whole)
        shares = (self.part / self.whole if self.whole else 0.0, *interval)
        return {name: figure(100 * each) for name, each in zip(("share", "low", "high"), shares, strict=True)}

    @property
    def has_effect(self) -> bool:
        """Whether it is surely not a half."""
        interval = wilson(self.part, self.whole)
        return interval.low > 0.5 or interval.high < 0.5


class JudgeFacts(Value, frozen=True, kw_only=True):
    """A judge of a run. `items` are what it judged: answers, or pairs of them; `errors` those that came to nothing.

    Of a judge of pairs: `flipped` are those of which swapping the answers changed what it said, `first_place` the
    choices of the answer shown first among all choices, `longer` the wins of the longer answer among all wins, `ties`
    the pairs that nobody won. `people` is its agreement with people, None where they share nothing. `alike` are the
    contenders whose maker is the judge's.
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
        """Whether enough of what it judged was judged by people too."""
        return self.people is not None and self.people.items >= LEAST_SHARED

    @property
    def notices(self) -> tuple[Phrase, ...]:
        """What stands beside results, since it may make them wrong."""
        return tuple(self._warnings()) if self.items and self.model else ()

    @property
    def sentences(self) -> tuple[Phrase, ...]:
        """All that is known of it but the warnings."""
        return tuple(self._known()) if self.items and self.model else ()

    def _warnings(self) -> Iterator[Phrase]:
        if not self.is_calibrated:
            yield counted(
                "The judge {model} is not calibrated: people also judged {n} of its items, and {least} are needed.",
                "The judge {model} is not calibrated: people also judged {n} of its items, and {least} are needed.",
                self.people.items if self.people else 0,
                model=self.model,
                least=LEAST_SHARED,
            )
        if self.alike:
            yield phrase(
                "The judge {model} is by the same publisher as {names}: judges tend to favor their own.",
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
            "The judge {model} was asked {n} time, for {cost}.",
            "The judge {model} was asked {n} times, for {cost}.",
            self.calls,
            model=model,
            cost=cost,
        )
        if self.errors:
            yield counted(
                "{n} item of the judge {model} failed and is not counted.",
                "{n} items of the judge {model} failed and are not counted.",
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
            yield phrase("The longer response won {share}% of its pairs (95% CI {low}–{high}%).", **self.longer.text())
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
    """What a judge of pairs shows, by its own verdicts and those of people on the same pairs.

    `clusters` are those that the cases are in, by case: without them nothing is said of what it prefers.
    """
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
    """Gathers what a judge of single answers said, cell by cell."""

    def __init__(self, spec: GraderSpec, alike: Sequence[str] = ()) -> None:
        self._spec = spec
        self._alike = tuple(alike)
        self._items = self._errors = 0
        self._costs: list[float] = []
        self._shared: list[tuple[bool, bool]] = []

    def add(self, record: CellRecord, graders: Sequence[GraderSpec]) -> None:
        """Count the grades that this judge gave to a cell."""
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
        """What it comes to."""
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
    """Makers as a catalog knows them."""

    def maker(name: str) -> str | None:
        """Who makes a model."""
        entry = catalog.find(name)
        return entry.publisher if entry is not None else None

    return maker


def judges_of(suite: Suite) -> list[GraderSpec]:
    """The judges of a suite, each once."""
    found: dict[str, GraderSpec] = {}
    for spec in (spec for case in suite.cases for spec in case.graders if spec.type in JUDGE_TYPES):
        found.setdefault(judge_digest(spec), spec)
    return list(found.values())


def contenders_alike(spec: GraderSpec, suite: Suite, heads: Iterable[CellHead], maker: Maker | None) -> list[str]:
    """The names of contenders that are the judge's own model, or of its maker, as far as makers are known."""
    named = spec.options.get("model")
    if not isinstance(named, str) or "/" not in named:
        return []
    judge = ModelRef.parse(named)
    own = maker(judge.name) if maker is not None else None
    servers: dict[int, set[str]] = {}
    for head in heads:
        if head.server_model:
            servers.setdefault(head.key.contender, set()).add(head.server_model)
    found: list[str] = []
    for number, contender in enumerate(suite.contenders):
        names = {contender.model.name, *servers.get(number, ())}
        makers = {maker(name) for name in names} if maker is not None and own is not None else set[str | None]()
        if judge.name in names or own in makers - {None}:
            found.append(contender.name)
    return found


async def read_judges(
    store: Store, run: RunRecord, suite: Suite, heads: Sequence[CellHead], maker: Maker | None = None
) -> tuple[JudgeFacts, ...]:
    """What is known of each judge of a run. Raises StoreError's tree."""
    specs = judges_of(suite)
    pairs = [spec for spec in specs if spec.type == JUDGE_TYPES[1]]
    singles = {
        judge_digest(spec): AnswerJudgements(spec, contenders_alike(spec, suite, heads, maker))
        for spec in specs
        if spec not in pairs
    }
    found: list[JudgeFacts] = []
    if pairs:
        verdicts = await store.judge_verdicts.list(run.id)
        people = {**voted_pairs((await store.votes.list()).votes, suite), **reviewed_pairs(heads)}
        for spec in pairs:
            own = [each for each in verdicts if each.judge == judge_digest(spec)]
            alike = contenders_alike(spec, suite, heads, maker)
            found.append(pair_facts(spec, own, people, clusters=clusters_of(suite), alike=alike))
    if singles:
        for start in range(0, len(suite.cases), CASES_AT_ONCE):
            cases = range(start, min(start + CASES_AT_ONCE, len(suite.cases)))
            for record in await store.suite_runs.records(run.id, cases):
                for each in singles.values():
                    each.add(record, suite.cases[record.key.case].graders)
    return (*(each.facts for each in singles.values()), *found)
