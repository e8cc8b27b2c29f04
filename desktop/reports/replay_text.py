"""Results of a replay in words: verdict, method, controls, and names of kinds and signals. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping

from desktop.formatting.number_format import duration_text, in_a_line
from desktop.replay.outcomes import OutcomeShare
from desktop.replay.prompt_kinds import ATTACHMENT, CODE, LANGUAGE, LONG, PRESET, SHORT, TAG
from desktop.replay.proven import ProofSource, ProvenModel
from desktop.replay.replay_plan import Excluded, ReplayPlan
from desktop.replay.replay_results import KindResult, Method, ReplayResults, SuccessorResult
from desktop.replay.signals import Signal
from desktop.stats.noninferiority import MOST_FURTHER, SuccessorVerdict
from desktop.stats.proportions import Interval
from desktop.text.phrases import NOTHING, Phrase, counted, english, figure, phrase

EXCLUDED: Mapping[str, Phrase] = {
    Excluded.UNFINISHED: phrase("the answer failed, was stopped or was cut"),
    Excluded.EMPTY: phrase("the prompt or the answer has no text"),
    Excluded.GUARDED: phrase("a guard flags the text that would be sent"),
    Excluded.ATTACHMENTS: phrase("the successor cannot read an attachment"),
    Excluded.TOO_LONG: phrase("the conversation does not fit the successor's context window"),
    Excluded.UNREADABLE: phrase("the conversation could not be read"),
    Excluded.NOT_SAMPLED: phrase("not sampled"),
}
"""Reasons for leaving turns out, for a sentence after a number."""

SIGNALS: Mapping[str, Phrase] = {
    Signal.REFUSED: phrase("Refused"),
    Signal.EMPTY: phrase("Empty"),
    Signal.CUT: phrase("Cut off"),
    Signal.OTHER_LANGUAGE: phrase("Other language"),
    Signal.JSON_LOST: phrase("JSON missing"),
    Signal.CODE_LOST: phrase("Code missing"),
    Signal.TABLE_LOST: phrase("Table missing"),
    Signal.CODE_BROKEN: phrase("Code does not parse"),
    Signal.MUCH_SHORTER: phrase("Less than half as long"),
    Signal.MUCH_LONGER: phrase("More than twice as long"),
    Signal.SOURCES_LOST: phrase("Sources missing"),
}

VERDICTS = {
    SuccessorVerdict.BETTER: phrase("better"),
    SuccessorVerdict.NOT_WORSE: phrase("not worse"),
    SuccessorVerdict.WORSE: phrase("worse"),
    SuccessorVerdict.UNDECIDED: phrase("undecided"),
}

_KINDS = {
    CODE: phrase("Code"),
    ATTACHMENT: phrase("Attachments"),
    LONG: phrase("Long prompts"),
    SHORT: phrase("Short prompts"),
}

_LANGUAGES = {
    "ar": phrase("Arabic"),
    "cyrillic": phrase("Cyrillic script"),
    "de": phrase("German"),
    "el": phrase("Greek"),
    "en": phrase("English"),
    "es": phrase("Spanish"),
    "fr": phrase("French"),
    "he": phrase("Hebrew"),
    "hi": phrase("Hindi"),
    "it": phrase("Italian"),
    "ja": phrase("Japanese"),
    "ko": phrase("Korean"),
    "nl": phrase("Dutch"),
    "pl": phrase("Polish"),
    "pt": phrase("Portuguese"),
    "sv": phrase("Swedish"),
    "th": phrase("Thai"),
    "tr": phrase("Turkish"),
    "zh": phrase("Chinese"),
}

_SECOND = 1000.0
"""Milliseconds."""

_SIMILAR_COST = 0.02
"""Relative difference below which costs or times count as equal."""


def kind_text(kind: str) -> Phrase:
    """Return the name of a kind of prompt."""
    if kind.startswith(TAG):
        return phrase("Tag “{tag}”", tag=in_a_line(kind.removeprefix(TAG)))
    if kind.startswith(PRESET):
        return phrase("Preset “{preset}”", preset=in_a_line(kind.removeprefix(PRESET)))
    if kind.startswith(LANGUAGE):
        language = kind.removeprefix(LANGUAGE)
        return _LANGUAGES.get(language, english(language))
    return _KINDS.get(kind, english(kind))


def model_name(model: str) -> str:
    """Return a model's own name without its connection, or those of several models."""
    return ", ".join(dict.fromkeys(each.partition("/")[2] or each for each in model.split(", ")))


def headline(results: ReplayResults, result: SuccessorResult) -> Phrase:
    """Return the verdict on a successor as one sentence."""
    names = {"successor": model_name(result.model), "incumbent": model_name(results.plan.of)}
    if result.theta is None:
        return phrase("Nothing has been reviewed yet: {successor} cannot be compared with {incumbent}.", **names)
    indicative = result.method is Method.JUDGE_ONLY
    match result.verdict:
        case SuccessorVerdict.BETTER:
            said = (
                phrase("The judge model prefers {successor} to {incumbent} on your work.", **names)
                if indicative
                else phrase("{successor} is better than {incumbent} on your work.", **names)
            )
        case SuccessorVerdict.NOT_WORSE:
            said = (
                phrase("By the judge model, {successor} is not worse than {incumbent} on your work.", **names)
                if indicative
                else phrase("{successor} is not worse than {incumbent} on your work.", **names)
            )
        case SuccessorVerdict.WORSE:
            said = (
                phrase("By the judge model, {successor} is worse than {incumbent} on your work.", **names)
                if indicative
                else phrase("{successor} is worse than {incumbent} on your work.", **names)
            )
        case SuccessorVerdict.UNDECIDED:
            said = phrase("Undecided: {successor} may or may not be as good as {incumbent} on your work.", **names)
    return said


def qualification(result: SuccessorResult) -> Phrase:
    """Return what limits a verdict, or an empty phrase."""
    if result.method is Method.JUDGE_ONLY:
        return phrase("This is an indication, not a verdict: no person reviewed anything.")
    if result.slightly_less:
        return phrase("It is slightly less preferred, but within the margin.")
    if result.verdict is SuccessorVerdict.UNDECIDED and result.theta is not None:
        if result.further is None:
            return phrase(
                "This history cannot decide it: more than {most} further reviews would be needed.",
                most=figure(MOST_FURTHER),
            )
        return counted(
            "About {n} further review would decide it at this rate.",
            "About {n} further reviews would decide it at this rate.",
            result.further,
        )
    return NOTHING


def cost_and_speed(result: SuccessorResult) -> tuple[Phrase, ...]:
    """Return how cost and time to the first token compare, as clauses such as “62% cheaper”."""
    found: list[Phrase] = []
    if result.cost is not None and result.cost.ratio is not None:
        change = result.cost.ratio - 1
        size = figure(abs(100 * change))
        if abs(change) < _SIMILAR_COST:
            found.append(phrase("about the same cost"))
        else:
            found.append(
                phrase("{percent}% cheaper", percent=size) if change < 0 else phrase("{percent}% dearer", percent=size)
            )
    if result.ttft_ms is not None:
        change = result.ttft_ms.successor - result.ttft_ms.incumbent
        time = time_text(abs(change))
        if abs(change) >= _SIMILAR_COST * result.ttft_ms.incumbent:
            found.append(
                phrase("{time} faster to the first token", time=time)
                if change < 0
                else phrase("{time} slower to the first token", time=time)
            )
    return tuple(found)


def time_text(ms: float) -> Phrase:
    """Return a time as “412 ms” or “1.8 s”."""
    return duration_text(ms) if ms < _SECOND else phrase("{s} s", s=figure(ms / _SECOND, 1))


def worst_kind(result: SuccessorResult) -> Phrase:
    """Name the kind of prompt that a successor lost most often, or return an empty phrase."""
    kind = next((each for each in result.by_kind if each.theta < 0.5 and each.tally.losses > each.tally.wins), None)
    if kind is None:
        return NOTHING
    return phrase(
        "Weakest kind of prompt: {kind} (lost {part} of {whole}, exploratory).",
        kind=kind_text(kind.kind),
        part=figure(kind.tally.losses),
        whole=figure(kind.tally.judged),
    )


def signed_points(theta: float) -> Phrase:
    """Return θ as net preference with its sign, such as “+6”."""
    points = _points(theta)
    return phrase("+{points}", points=figure(points)) if points > 0 else figure(points)


def interval_sentence(plan: ReplayPlan, low: float, high: float) -> Phrase:
    """Return the interval of the net preference as a sentence."""
    values = {"low": signed_points(low), "high": signed_points(high)}
    if len(plan.models) > 1:
        return phrase(
            "95% interval {low} to {high} points, corrected for {n} successors.", n=len(plan.models), **values
        )
    return phrase("95% interval {low} to {high} points.", **values)


def judge_agreement(result: SuccessorResult) -> Phrase:
    """Describe how often the reviewer and the judge model agree, or return an empty phrase."""
    if not result.with_judge.whole:
        return NOTHING
    return phrase(
        "You and the judge model agree on {part} of {whole} pairs.",
        part=figure(result.with_judge.part),
        whole=figure(result.with_judge.whole),
    )


def error_texts(result: SuccessorResult) -> tuple[Phrase, ...]:
    """Return the requests that failed, by error code."""
    return tuple(
        phrase("{n} ({reason})", n=figure(number), reason=english(code.replace("_", " ")))
        for code, number in sorted(result.errors.items(), key=lambda each: -each[1])
    )


def signal_texts(result: SuccessorResult) -> tuple[Phrase, ...]:
    """Return how many answers have each automatic signal."""
    return tuple(
        phrase("{signal}: {n}", signal=SIGNALS.get(signal, english(signal)), n=figure(number))
        for signal, number in result.signals.items()
    )


def computation_texts(results: ReplayResults, result: SuccessorResult) -> tuple[Phrase, ...]:
    """Explain in a few sentences how a verdict was computed."""
    margin = figure(results.plan.margin)
    said = [
        phrase(
            "A pair counts 1 if the successor is better, 0 if the incumbent is better, and ½ for a tie. The pairs of"
            " one conversation are averaged first, because they are not independent. The result is the mean over"
            " {n} conversations, shown as wins minus losses per 100 pairs.",
            n=figure(result.clusters),
        ),
        phrase(
            "Better: the whole interval is above 0. Not worse: it is above −{margin} points, the margin chosen"
            " beforehand. Worse: it is below −{margin} points. Otherwise the verdict is undecided.",
            margin=margin,
        ),
    ]
    match result.method:
        case Method.FIXED:
            said.append(
                phrase(
                    "The interval is Student's t over the conversations' means. With fewer than 30 conversations, or"
                    " if all outcomes are equal, it is a betting interval (Waudby-Smith and Ramdas, 2023)."
                )
            )
        case Method.ANYTIME:
            said.append(
                phrase(
                    "The interval is a betting confidence sequence (Waudby-Smith and Ramdas, 2023). It is valid at"
                    " every moment of the review, and therefore wider."
                )
            )
        case Method.PREDICTION_POWERED:
            said.append(
                phrase(
                    "The interval is prediction-powered (PPI++, Angelopoulos and others, 2023): the judge model's mean"
                    " over all pairs, corrected by the difference between you and the judge model where both reviewed."
                )
            )
        case Method.JUDGE_ONLY:
            said.append(
                phrase("How far a judge model is biased is unknown without your own reviews, so this is no verdict.")
            )
        case Method.NONE:
            pass
    return tuple(said)


def interval_text(theta: float, low: float, high: float) -> Phrase:
    """Return an estimate as net preference in points, with its interval."""
    return phrase(
        "{points} points ({low} to {high})",
        points=figure(_points(theta)),
        low=figure(_points(low)),
        high=figure(_points(high)),
    )


def _points(theta: float) -> float:
    """Return θ as net preference (wins − losses) in points, without a negative zero."""
    return round(200 * (theta - 0.5)) + 0.0


def method_text(results: ReplayResults, result: SuccessorResult) -> Phrase:
    """Describe how a verdict was reached."""
    match result.method:
        case Method.FIXED:
            return phrase(
                "All planned pairs were reviewed before the verdict was shown; {n} count. Interval of the"
                " conversations' means (Student's t, or a betting interval below 30 conversations).",
                n=figure(result.n_own),
            )
        case Method.ANYTIME:
            why = (
                phrase("The verdict was shown before the review was complete")
                if results.seen_early
                else phrase("The review is not complete")
            )
            return phrase("{why}, so the interval is one that is valid at any time (betting sequence).", why=why)
        case Method.PREDICTION_POWERED:
            return phrase(
                "You reviewed {own} pairs drawn at random; the judge model reviewed {all}. Its verdicts are corrected"
                " by the pairs that both reviewed (prediction-powered inference).",
                own=figure(result.n_own),
                all=figure(result.n_judge),
            )
        case Method.JUDGE_ONLY:
            return phrase("The judge model reviewed {n} pairs in both orders.", n=figure(result.n_judge))
        case Method.NONE:
            return phrase("No pair has been reviewed.")


def sample_text(plan: ReplayPlan) -> Phrase:
    """Describe the sample."""
    said = phrase(
        "{turns} from {conversations}, sampled evenly.",
        turns=counted("{n} turn", "{n} turns", len(plan.items)),
        conversations=counted("{n} conversation", "{n} conversations", plan.conversations),
    )
    if not plan.rebuilt:
        return said
    rebuilt = counted(
        "{n} request was rebuilt from the conversation because no receipt exists.",
        "{n} requests were rebuilt from the conversation because no receipt exists.",
        plan.rebuilt,
    )
    return phrase("{first} {second}", first=said, second=rebuilt)


def excluded_texts(plan: ReplayPlan) -> tuple[Phrase, ...]:
    """Return why turns were left out, each with their number."""
    return tuple(
        phrase("{n}: {reason}", n=figure(number), reason=EXCLUDED.get(reason, english(reason)))
        for reason, number in sorted(plan.excluded.items(), key=lambda each: -each[1])
        if number
    )


def control_texts(results: ReplayResults, result: SuccessorResult) -> tuple[Phrase, ...]:
    """Describe the controls: fresh answers, length, position and the reviewer's agreement with themselves."""
    found = [
        _control(results.control),
        _longer(result.longer_won),
        _position(results.position),
        _oneself(results.oneself),
    ]
    if result.similar_theta is not None and result.similar_low is not None and result.similar_high is not None:
        found.append(
            phrase(
                "Among pairs of similar length: {interval}.",
                interval=interval_text(result.similar_theta, result.similar_low, result.similar_high),
            )
        )
    return tuple(each for each in found if each)


def _control(share: OutcomeShare | None) -> Phrase:
    if share is None or share.interval is None:
        return NOTHING
    values = _values(share)
    if not share.excludes_half:
        return phrase(
            "A/A control: fresh answers of the old model won {part} of {whole} decided pairs against its saved"
            " answers ({interval}), as expected by chance.",
            **values,
        )
    return phrase(
        "A/A control: fresh answers of the old model won {part} of {whole} decided pairs against its saved answers"
        " ({interval}). The review favors fresh or old answers as such, so read the verdict with care.",
        **values,
    )


def _longer(share: OutcomeShare) -> Phrase:
    if share.interval is None:
        return NOTHING
    return phrase("The longer answer won {part} of {whole} decided pairs ({interval}).", **_values(share))


def _position(share: OutcomeShare) -> Phrase:
    if share.interval is None:
        return NOTHING
    return phrase("The answer shown first won {part} of {whole} decided pairs ({interval}).", **_values(share))


def _oneself(share: OutcomeShare) -> Phrase:
    if share.interval is None:
        return NOTHING
    return phrase(
        "{part} of {whole} pairs that came back with sides swapped were given the same verdict ({interval}).",
        **_values(share),
    )


def _values(share: OutcomeShare) -> dict[str, object]:
    interval = share.interval or Interval(0.0, 1.0)
    return {"part": figure(share.part), "whole": figure(share.whole), "interval": _percentages(interval)}


def _percentages(interval: Interval) -> Phrase:
    return phrase("95% CI {low}% to {high}%", low=figure(100 * interval.low), high=figure(100 * interval.high))


def kind_sentence(kind: KindResult) -> Phrase:
    """Return how many prompts of a kind a successor lost, or won if it is better there."""
    name, tally = kind_text(kind.kind), kind.tally
    values = {"kind": name, "whole": figure(tally.judged)}
    if kind.theta < 0.5:
        return phrase("{kind}: lost {part} of {whole} (exploratory)", part=figure(tally.losses), **values)
    return phrase("{kind}: won {part} of {whole} (exploratory)", part=figure(tally.wins), **values)


def proven_columns() -> tuple[Phrase, ...]:
    """Return the headings of the table of proven models."""
    return (
        phrase("Old model"),
        phrase("Kind of prompt"),
        phrase("Cheapest model"),
        phrase("n"),
        phrase("Preference (95% CI)"),
        phrase("Saving"),
        phrase("Evidence"),
    )


def proven_cells(row: ProvenModel) -> tuple[str, ...]:
    """Return the cells of a row of that table."""
    saving = row.saving
    return (
        row.of,
        kind_text(row.kind) if row.kind else phrase("Everything"),
        row.model,
        figure(row.number),
        interval_text(row.theta, row.low, row.high),
        NOTHING if saving is None else phrase("{percent}%", percent=figure(100 * saving)),
        phrase("Replay") if row.evidence is ProofSource.REPLAY else phrase("Blind votes"),
    )
