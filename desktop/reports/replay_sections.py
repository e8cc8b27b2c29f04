"""Sections of a replay's report: verdict, cost, kinds of prompt, controls, regressions, limits. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from desktop.formatting.number_format import Say, in_a_line, money
from desktop.replay.outcomes import OutcomeTally
from desktop.replay.replay_results import KindResult, Method, ModelFigures, ReplayResults, SuccessorResult
from desktop.reports import report_phrases
from desktop.reports.replay_document import (
    ReplayDocument,
    ReplayFacts,
    ReportBlock,
    ReportCell,
    ReportedRegression,
    ReportExchange,
    ReportList,
    ReportSection,
    ReportSettings,
    ReportTable,
    ReportText,
    SuccessorPart,
)
from desktop.reports.replay_drawings import kind_diagram, kind_reach, preference_diagram
from desktop.reports.replay_text import (
    SIGNALS,
    VERDICTS,
    computation_texts,
    control_texts,
    cost_and_speed,
    excluded_texts,
    headline,
    interval_sentence,
    interval_text,
    judge_agreement,
    kind_text,
    method_text,
    model_name,
    qualification,
    sample_text,
    signed_points,
    time_text,
    worst_kind,
)
from desktop.reports.run_text import STATES
from desktop.stats.noninferiority import SuccessorVerdict
from desktop.text.phrases import NOTHING, Phrase, bounded, counted, english, figure, phrase

FEWEST_FOR_P95 = 20
"""Turns below which no p95 is shown."""

_SAME = 0.5
"""Percent of change below which it is shown as 0%."""


def document_of(facts: ReplayFacts, say: Say, *, is_rtl: bool = False) -> ReplayDocument:
    """Return the contents of a report; only drawings use the language of `say` and the direction."""
    results = facts.results
    return ReplayDocument(
        title=phrase("Replay: {name}", name=in_a_line(bounded(results.name))),
        about=tuple(_about(facts)),
        overview=_overview(results) if len(results.successors) > 1 else None,
        successors=tuple(_successor(facts, number, say, is_rtl=is_rtl) for number in range(len(results.successors))),
        sections=(_not_replayed(results), _limits(results), _computed(results), _settings(facts)),
    )


def meaning(results: ReplayResults, result: SuccessorResult) -> Phrase:
    """Return what a verdict means in numbers of comparisons; an empty phrase without one."""
    if result.theta is None:
        return NOTHING
    values = {"successor": model_name(result.model), "margin": _margin(results)}
    match result.verdict:
        case SuccessorVerdict.BETTER:
            return phrase("{successor} wins more comparisons than it loses (95% confidence).", **values)
        case SuccessorVerdict.NOT_WORSE:
            return phrase(
                "Of 100 comparisons, {successor} loses at most {margin} more than it wins (95% confidence)."
                " This margin was set before the first answer was requested.",
                **values,
            )
        case SuccessorVerdict.WORSE:
            return phrase(
                "Of 100 comparisons, {successor} loses at least {margin} more than it wins (95% confidence)."
                " This margin was set before the first answer was requested.",
                **values,
            )
        case SuccessorVerdict.UNDECIDED:
            return phrase(
                "The interval includes differences on both sides of the margin of {margin} points, so these reviews"
                " do not show whether {successor} is good enough.",
                **values,
            )


def _margin(results: ReplayResults) -> Phrase:
    margin = results.plan.margin
    return figure(margin, 0 if margin == round(margin) else 1)


def _about(facts: ReplayFacts) -> Iterator[Phrase]:
    results = facts.results
    yield STATES[results.state]
    yield counted("{n} turn", "{n} turns", len(results.plan.items))
    yield counted("{n} conversation", "{n} conversations", results.plan.conversations)
    yield counted("{n} pair reviewed", "{n} pairs reviewed", results.reviewed)
    if results.plan.judge:
        yield phrase("judged by {judge}", judge=results.plan.judge)
    yield phrase(
        "created on {day} by Paragone {version}", day=report_phrases.time_text(facts.at), version=facts.version
    )


def _overview(results: ReplayResults) -> ReportTable:
    columns = (
        phrase("Successor"),
        phrase("Verdict"),
        phrase("Net preference (interval)"),
        phrase("Cost"),
        phrase("TTFT p50"),
    )
    rows = tuple(
        (
            ReportCell(english(each.model)),
            ReportCell(_verdict(each), _look(each.verdict)),
            ReportCell(_interval(each)),
            _change(each.cost, less_is_better=True),
            _change(each.ttft_ms, less_is_better=True),
        )
        for each in results.successors
    )
    return ReportTable(columns, rows, words=2)


def _verdict(result: SuccessorResult) -> Phrase:
    verdict = VERDICTS[result.verdict]
    return phrase("{verdict} (indicative)", verdict=verdict) if result.method is Method.JUDGE_ONLY else verdict


def _look(verdict: SuccessorVerdict) -> str:
    return {SuccessorVerdict.BETTER: "good", SuccessorVerdict.NOT_WORSE: "good", SuccessorVerdict.WORSE: "bad"}.get(
        verdict, ""
    )


def _interval(result: SuccessorResult) -> Phrase:
    if result.theta is None or result.low is None or result.high is None:
        return NOTHING
    return interval_text(result.theta, result.low, result.high)


def _successor(facts: ReplayFacts, number: int, say: Say, *, is_rtl: bool) -> SuccessorPart:
    results = facts.results
    result = results.successors[number]
    leads = (qualification(result), _clauses(result), worst_kind(result))
    sections = [
        _preference(results, result, say, is_rtl=is_rtl),
        _cost_and_speed(results, result),
        _kinds(results, result, say, is_rtl=is_rtl),
        _signals(result),
        _controls(results, result),
        _regressions(facts, number),
    ]
    return SuccessorPart(
        headline=headline(results, result),
        verdict=result.verdict,
        leads=tuple(filter(None, leads)),
        sections=tuple(filter(None, sections)),
    )


def _clauses(result: SuccessorResult) -> Phrase:
    clauses = cost_and_speed(result)
    if len(clauses) == 2:
        return phrase("{first}, {second}", first=clauses[0], second=clauses[1])
    return clauses[0] if clauses else NOTHING


def _preference(results: ReplayResults, result: SuccessorResult, say: Say, *, is_rtl: bool) -> ReportSection:
    blocks: list[ReportBlock] = []
    if (diagram := preference_diagram(results, result, say, is_rtl=is_rtl)) is not None:
        said = phrase(
            "Net preference: {points} points. {interval} Margin: {margin} points.",
            points=signed_points(result.theta or 0.0),
            interval=interval_sentence(results.plan, result.low or 0.0, result.high or 0.0),
            margin=_margin(results),
        )
        blocks += [diagram, ReportText(said), ReportText(meaning(results, result))]
    blocks.append(ReportText(sample_text(results.plan), is_note=True))
    blocks.append(ReportText(method_text(results, result), is_note=True))
    blocks += [ReportText(each, is_note=True) for each in _reviews(result) if each]
    return ReportSection(phrase("Preference, successor minus incumbent"), tuple(blocks), narrow=True)


def _reviews(result: SuccessorResult) -> Iterator[Phrase]:
    """Yield the outcomes, and how far the user and the judge agree."""
    if result.theta is None:
        return
    yield _tally(result.tally, by_judge=not result.n_own)
    yield judge_agreement(result)
    if result.n_own and result.judge_theta is not None and result.judge_low is not None:
        alone = interval_text(result.judge_theta, result.judge_low, result.judge_high or 0.0)
        yield phrase("Verdict of the judge model alone: {interval}.", interval=alone)


def _tally(tally: OutcomeTally, *, by_judge: bool) -> Phrase:
    values = {
        "wins": figure(tally.wins),
        "ties": figure(tally.ties),
        "losses": figure(tally.losses),
        "bad": figure(tally.both_bad),
    }
    if by_judge:
        return phrase("By the judge model: won {wins}, tied {ties}, lost {losses}.", **values)
    return phrase("Your reviews: won {wins}, tied {ties} (of these both bad: {bad}), lost {losses}.", **values)


def _cost_and_speed(results: ReplayResults, result: SuccessorResult) -> ReportSection:
    names = model_name(results.plan.of), model_name(result.model)
    columns = (NOTHING, *map(english, names), phrase("Change"), phrase("Turns"))
    rows = tuple(row for row in _figures(result) if row)
    blocks: list[ReportBlock] = []
    if rows:
        blocks.append(ReportTable(columns, rows))
        blocks.append(ReportText(phrase("Turns for which both figures are known."), is_note=True))
    else:
        blocks.append(ReportText(phrase("The history has no cost or time to compare.")))
    if result.errors:
        reasons = ", ".join(f"{code} {number:,}" for code, number in sorted(result.errors.items()))
        failed = counted(
            "{n} request failed and is not compared ({reasons}).",
            "{n} requests failed and are not compared ({reasons}).",
            sum(result.errors.values()),
            reasons=reasons,
        )
        blocks.append(ReportText(failed, is_note=True))
    return ReportSection(phrase("Cost and speed"), tuple(blocks), narrow=True)


def _figures(result: SuccessorResult) -> Iterator[tuple[ReportCell, ...]]:
    """Yield the rows of the table of costs, times and tokens."""
    cost, p50, p95, tokens = result.cost, result.ttft_ms, result.ttft_p95_ms, result.output_tokens
    if cost is not None:
        yield _figure_row(phrase("Total cost"), cost, money(cost.incumbent), money(cost.successor))
        before, now = cost.incumbent / cost.items, cost.successor / cost.items
        yield _figure_row(phrase("Cost per turn"), cost, money(before), money(now))
    if p50 is not None:
        yield _figure_row(phrase("TTFT p50"), p50, time_text(p50.incumbent), time_text(p50.successor))
    if p95 is not None and p95.items >= FEWEST_FOR_P95:
        yield _figure_row(phrase("TTFT p95"), p95, time_text(p95.incumbent), time_text(p95.successor))
    if tokens is not None:
        title = phrase("Output tokens, mean")
        yield _figure_row(title, tokens, figure(tokens.incumbent), figure(tokens.successor), less_is_better=False)


def _figure_row(
    title: Phrase, compared: ModelFigures, before: Phrase, now: Phrase, *, less_is_better: bool = True
) -> tuple[ReportCell, ...]:
    change = _change(compared, less_is_better=less_is_better)
    return ReportCell(title), ReportCell(before), ReportCell(now), change, ReportCell(figure(compared.items))


def _change(compared: ModelFigures | None, *, less_is_better: bool) -> ReportCell:
    """Return the change from incumbent to successor in percent; empty if it is unknown."""
    if compared is None or compared.ratio is None:
        return ReportCell()
    percent = 100 * (compared.ratio - 1)
    if abs(percent) < _SAME:
        return ReportCell(phrase("0%"))
    said = phrase("+{percent}%", percent=figure(percent)) if percent > 0 else phrase("{n}%", n=figure(percent))
    return ReportCell(said, "" if not less_is_better else "good" if percent < 0 else "bad")


def _kinds(results: ReplayResults, result: SuccessorResult, say: Say, *, is_rtl: bool) -> ReportSection | None:
    if not result.by_kind:
        return None
    columns = (
        phrase("Kind"),
        phrase("Turns"),
        phrase("Won"),
        phrase("Tied"),
        phrase("Lost"),
        phrase("Net preference (interval)"),
        NOTHING,
    )
    reach, margin = kind_reach(results, result), results.plan.margin
    rows = tuple(
        (
            ReportCell(kind_text(each.kind)),
            *map(ReportCell, map(figure, (each.tally.judged, each.tally.wins, each.tally.ties, each.tally.losses))),
            ReportCell(interval_text(each.theta, each.low, each.high)),
            ReportCell(_kind_verdict(each), _kind_look(each), kind_diagram(each, margin, reach, say, is_rtl=is_rtl)),
        )
        for each in result.by_kind
    )
    note = phrase(
        "These kinds were not planned, so they are exploratory: confirm what they show on new turns. The intervals are"
        " corrected for the number of kinds. A turn can be of several kinds."
    )
    table = ReportTable(columns, rows)
    return ReportSection(phrase("By kind of prompt"), (table, ReportText(note, is_note=True)), phrase("exploratory"))


def _kind_verdict(kind: KindResult) -> Phrase:
    return NOTHING if kind.verdict is SuccessorVerdict.UNDECIDED else VERDICTS[kind.verdict]


def _kind_look(kind: KindResult) -> str:
    return {SuccessorVerdict.BETTER: "good", SuccessorVerdict.WORSE: "bad"}.get(kind.verdict, "muted")


def _signals(result: SuccessorResult) -> ReportSection | None:
    """Return the counts of signals; None without answers."""
    if not result.answered:
        return None
    title, note = phrase("Automatic signals"), phrase("compared with the incumbent's responses, without a judge model")
    if not result.signals:
        nothing = counted(
            "None in {n} answer: no refusals, no cut answers, no lost formats.",
            "None in {n} answers: no refusals, no cut answers, no lost formats.",
            result.answered,
        )
        return ReportSection(title, (ReportText(nothing),), note, narrow=True)
    rows = tuple(
        (
            ReportCell(SIGNALS.get(signal, english(signal))),
            ReportCell(figure(number)),
            ReportCell(phrase("{n}%", n=figure(100 * number / result.answered))),
        )
        for signal, number in result.signals.items()
    )
    columns = (phrase("Signal"), phrase("Answers"), phrase("Share"))
    return ReportSection(title, (ReportTable(columns, rows),), note, narrow=True)


def _controls(results: ReplayResults, result: SuccessorResult) -> ReportSection | None:
    if result.theta is None:
        return None
    told = control_texts(results, result)
    if not results.plan.control:
        told = (*told, phrase("No A/A control: the incumbent was not asked again."))
    note = phrase("whether the review itself can be trusted")
    return ReportSection(phrase("Controls"), (ReportList(told),), note, narrow=True)


def _regressions(facts: ReplayFacts, number: int) -> ReportSection | None:
    """Return the clearest regressions with their texts; None if there are none."""
    reported = facts.regressions[number]
    if not reported:
        return None
    successor = model_name(facts.results.successors[number].model)
    exchanges = tuple(
        ReportExchange(place, tuple(_tags(each)), successor, each) for place, each in enumerate(reported, 1)
    )
    title = phrase("Clearest regressions")
    return ReportSection(title, exchanges, counted("{n} turn", "{n} turns", len(reported)))


def _tags(each: ReportedRegression) -> Iterator[Phrase]:
    """Yield why a regression is listed."""
    if each.regression.by_reviewer:
        yield phrase("Lost in your review")
    signals = [SIGNALS.get(signal, english(signal)) for signal in each.regression.signals]
    yield from signals
    if not signals and not each.regression.by_reviewer:
        yield phrase("Lost in the judge model's review")


def _not_replayed(results: ReplayResults) -> ReportSection:
    plan = results.plan
    blocks: list[ReportBlock] = []
    if excluded := excluded_texts(plan):
        blocks.append(ReportList(excluded))
    else:
        blocks.append(ReportText(phrase("All turns that were found were replayed.")))
    if plan.dropped:
        names = ", ".join(plan.dropped)
        dropped = phrase(
            "Parameters that were not sent, because a successor does not accept them: {names}.", names=names
        )
        blocks.append(ReportText(dropped))
    return ReportSection(phrase("Not replayed"), tuple(blocks), phrase("number of turns and the reason"))


def _limits(results: ReplayResults) -> ReportSection:
    """Return what the verdict does not show."""
    plan = results.plan
    told = [
        phrase(
            "The verdict is about one person's turns and taste. “You” and “your work” are the person who made this"
            " replay; for others the result may differ."
        ),
        phrase(
            "The turns are a sample of the past. Future prompts may differ, and a hosted model can change under the"
            " same name."
        ),
        phrase(
            "The margin of {margin} points was chosen when the replay was created. Another margin can give another"
            " verdict; the interval stays the same.",
            margin=_margin(results),
        ),
        phrase("Costs and times of the incumbent are those of the day of its answer; prices, network and load change."),
    ]
    if plan.repeats == 1:
        told.append(phrase("Each turn was asked once. A model's answers to the same prompt vary."))
    else:
        told.append(phrase("The review compares the first of several answers to each turn."))
    if plan.judge:
        told.append(
            phrase(
                "A judge model has preferences of its own: for length, for a position, for models of its maker. Its"
                " verdicts decide nothing alone; they only make your own reviews more precise."
            )
        )
    if plan.rebuilt:
        told.append(
            counted(
                "{n} request without a receipt was rebuilt from the conversation and may differ from what was sent"
                " then.",
                "{n} requests without a receipt were rebuilt from the conversation and may differ from what was sent"
                " then.",
                plan.rebuilt,
            )
        )
    if results.seen_early:
        told.append(
            phrase("The verdict was seen before the review was complete. The interval takes this into account.")
        )
    return ReportSection(phrase("Limits"), (ReportList(tuple(told)),))


def _computed(results: ReplayResults) -> ReportSection:
    """Explain the computation; successors that were judged by other methods add their sentences."""
    told = list(dict.fromkeys(each for result in results.successors for each in computation_texts(results, result)))
    if len(results.successors) > 1:
        told.append(phrase("With several successors each interval is wider (Bonferroni's correction)."))
    told.append(
        phrase(
            "Answers were compared blind, in random order. The incumbent's answers are those of the history; they were"
            " not requested again. Pairs of the control and pairs that came back never count in the verdict."
        )
    )
    return ReportSection(phrase("How this is computed"), (ReportList(tuple(told)),))


def _settings(facts: ReplayFacts) -> ReportSection:
    return ReportSection(phrase("Settings"), (ReportSettings(tuple(_pairs(facts))),))


def _pairs(facts: ReplayFacts) -> Iterator[tuple[Phrase, Phrase]]:
    results, plan = facts.results, facts.results.plan
    yield phrase("Incumbent"), english(plan.of)
    yield phrase("Successors"), english(", ".join(map(str, plan.models)))
    yield phrase("Answers of the incumbent"), _dates(results)
    yield phrase("Replay created"), english(report_phrases.time_text(results.created_at))
    yield phrase("Margin"), phrase("{margin} points", margin=_margin(results))
    corrected = phrase("95%, corrected for {n} successors", n=len(plan.models))
    yield phrase("Confidence"), corrected if len(plan.models) > 1 else phrase("95%")
    yield phrase("Planned reviews"), counted("{n} turn", "{n} turns", plan.review)
    yield phrase("Judge model"), english(plan.judge) if plan.judge else phrase("none")
    control = counted("{n} turn", "{n} turns", len(plan.control))
    yield phrase("A/A control"), control if plan.control else phrase("none")
    yield phrase("Answers per turn"), figure(plan.repeats)
    yield phrase("Verdict seen early"), phrase("yes") if results.seen_early else phrase("no")
    yield phrase("Cost of this replay"), money(results.spent)
    yield phrase("Seed"), english(str(plan.seed))
    yield phrase("Replay ID"), english(results.id)
    yield phrase("Program"), phrase("Paragone {version}", version=facts.version)


def _dates(results: ReplayResults) -> Phrase:
    """Return the days of the incumbent's first and last answer."""
    times = [item.at for item in results.plan.items if item.at]
    if not times:
        return phrase("unknown")
    first, last = (f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d}" for at in (min(times), max(times)))
    return phrase("{first} to {last}", first=first, last=last) if first != last else english(first)
