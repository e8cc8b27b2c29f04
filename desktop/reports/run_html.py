"""Run as a self-contained web page without scripts: conclusions, plots, tables and all responses.

The page works on screen and on paper, loads nothing from the network, and contains no server addresses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from itertools import compress
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import msgspec

from desktop.domain.conversation_types import Figures
from desktop.domain.suite_cells import CellRecord, CellStatus
from desktop.evals.execution.result_values import ContenderResult
from desktop.evals.suites.suite import GraderSpec, ToolMode
from desktop.formatting.number_format import Say, duration_text, in_a_line, money
from desktop.pages.html_text import plain
from desktop.receipts.receipt import Receipt
from desktop.reports.cell_calls import call_text
from desktop.reports.ranking_html import PageWords
from desktop.reports.report_html import POLICY
from desktop.reports.report_phrases import UNTITLED, parameter_text, shown_system, time_text
from desktop.reports.report_style import COLOURS, style
from desktop.reports.run_json import reasons_of
from desktop.reports.run_lines import RunFacts, RunLines
from desktop.reports.run_text import (
    CONTENDER_COLUMNS,
    PAIR_COLUMNS,
    STATES,
    STATUSES,
    contender_cells,
    judge_sentences,
    names_in,
    pair_cells,
    percent,
    sentences,
    with_sign,
)
from desktop.text.phrases import NOTHING, Phrase, bounded, counted, english, figure, phrase

_WIDTH, _NAMES, _VALUE, _ROW = 900, 230, 150, 30
_SIDE, _TALL, _LEFT, _FOOT = 460, 300, 52, 44
_LONGEST_NAME = 30
_LONGEST_RESULT = 4_000

PLOT_STYLE = """
.plots { display: flex; flex-wrap: wrap; gap: 1.5rem; }
.plots figure { margin: 0; flex: 1 1 22rem; max-width: 34rem; }
svg.plot { display: block; width: 100%; height: auto; max-width: 56rem; }
.plot text { fill: var(--text); font: 13px system-ui, sans-serif; }
.plot .muted { fill: var(--muted); font-size: 12px; }
.plot .axis { stroke: var(--line); stroke-width: 1; }
.plot .reach { stroke: var(--text); stroke-width: 1.5; }
.plot .bar, .plot circle { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.plot .on { fill: var(--on); font: 600 11px system-ui, sans-serif; }
"""


class ScatterPoint(NamedTuple):
    """A contender (by index) at `x` in any unit, with its score and the interval of the score."""

    contender: int
    x: float
    score: float
    low: float
    high: float


def point_of(contender: ContenderResult, x: float) -> ScatterPoint:
    """Return a contender's point at `x`. A contender without a score is at the bottom."""
    high = 1.0 if contender.high is None else contender.high
    return ScatterPoint(contender.contender, x, contender.score or 0.0, contender.low or 0.0, high)


def bars(contenders: Sequence[ContenderResult], say: Say, *, is_rtl: bool = False) -> str:
    """Return a bar chart of the scores from 0 to 100 with their intervals. Right-to-left charts are mirrored."""
    scored = [each for each in contenders if each.score is not None]
    height = len(scored) * _ROW + 26
    rows = "\n".join(_bar(each, number, say, is_rtl=is_rtl) for number, each in enumerate(scored))
    base = len(scored) * _ROW
    marks = "".join(_mark(part, base, say, is_rtl=is_rtl) for part in (0.0, 0.5, 1.0))
    return f'<svg class="plot" viewBox="0 0 {_WIDTH} {height}" role="img" direction="ltr">\n{marks}\n{rows}</svg>'


def _x(score: float, *, is_rtl: bool) -> float:
    at = _NAMES + score * (_WIDTH - _NAMES - _VALUE)
    return _WIDTH - at if is_rtl else at


def _bar(each: ContenderResult, number: int, say: Say, *, is_rtl: bool) -> str:
    score, low, high = each.score or 0.0, each.low or 0.0, 1.0 if each.high is None else each.high
    middle = number * _ROW + _ROW / 2
    begin, end = sorted((_x(0.0, is_rtl=is_rtl), _x(score, is_rtl=is_rtl)))
    ends = [_x(low, is_rtl=is_rtl), _x(high, is_rtl=is_rtl)]
    name = in_a_line(each.name)
    shown = name if len(name) <= _LONGEST_NAME else f"{name[:14]}…{name[-14:]}"
    start, anchor = (_WIDTH - 4, "end") if is_rtl else (4, "start")
    value = say(phrase("{score}% ({low}–{high})", score=percent(score), low=percent(low), high=percent(high)))
    beyond, behind = (4, "start") if is_rtl else (_WIDTH - 4, "end")
    caps = "".join(
        f'<line class="reach" x1="{x:.1f}" y1="{middle - 5:.1f}" x2="{x:.1f}" y2="{middle + 5:.1f}"/>' for x in ends
    )
    return (
        f'<text x="{start}" y="{middle + 4:.1f}" text-anchor="{anchor}">{escape(shown)}</text>'
        f'<rect class="bar" x="{begin:.1f}" y="{middle - 8:.1f}" width="{end - begin:.1f}" height="16"'
        f' fill="{_colour(each.contender)}"/>'
        f'<line class="reach" x1="{ends[0]:.1f}" y1="{middle:.1f}" x2="{ends[1]:.1f}" y2="{middle:.1f}"/>{caps}'
        f'<text class="muted" x="{beyond}" y="{middle + 4:.1f}" text-anchor="{behind}">{escape(value)}</text>'
    )


def _mark(part: float, base: float, say: Say, *, is_rtl: bool) -> str:
    x = _x(part, is_rtl=is_rtl)
    return (
        f'<line class="axis" x1="{x:.1f}" y1="0" x2="{x:.1f}" y2="{base}"/>'
        f'<text class="muted" x="{x:.1f}" y="{base + 18}" text-anchor="middle">{escape(say(percent(part)))}</text>'
    )


def _colour(contender: int) -> str:
    return f"var(--p{contender % COLOURS})"


def scatter(points: Sequence[ScatterPoint], across: str, up: str, said: Callable[[float], str]) -> str:
    """Return a scatter plot of scores against another figure. The best scores are at the top.

    Args:
        points: Contenders.
        across: Name of the x axis.
        up: Name of the y axis.
        said: Formats a value on the x axis.
    """
    most = max((each.x for each in points), default=0.0) or 1.0
    pieces = "\n".join(_scattered(points, most))
    base, right = _TALL - _FOOT, _SIDE - 12
    return (
        f'<svg class="plot" viewBox="0 0 {_SIDE} {_TALL}" role="img" direction="ltr">\n'
        f'<line class="axis" x1="{_LEFT}" y1="10" x2="{_LEFT}" y2="{base}"/>'
        f'<line class="axis" x1="{_LEFT}" y1="{base}" x2="{right}" y2="{base}"/>'
        f'<text class="muted" x="{_LEFT - 6}" y="14" text-anchor="end">100</text>'
        f'<text class="muted" x="{_LEFT - 6}" y="{base}" text-anchor="end">0</text>'
        f'<text class="muted" x="{_LEFT}" y="{base + 16}" text-anchor="middle">{escape(said(0.0))}</text>'
        f'<text class="muted" x="{right}" y="{base + 16}" text-anchor="end">{escape(said(most))}</text>'
        f'<text class="muted" x="{(_LEFT + right) / 2}" y="{base + 34}" text-anchor="middle">{escape(across)}</text>'
        f'<text class="muted" x="14" y="{base / 2}" text-anchor="middle"'
        f' transform="rotate(-90 14 {base / 2})">{escape(up)}</text>\n{pieces}</svg>'
    )


def _scattered(points: Sequence[ScatterPoint], most: float) -> Iterator[str]:
    base = _TALL - _FOOT

    def y(score: float) -> float:
        """Return the y coordinate of a score."""
        return base - score * (base - 20)

    placed = [(each, _LEFT + each.x / most * (_SIDE - 36 - _LEFT)) for each in points]
    for each, x in placed:
        yield f'<line class="reach" x1="{x:.1f}" y1="{y(each.low):.1f}" x2="{x:.1f}" y2="{y(each.high):.1f}"/>'
    for each, x in placed:
        yield (
            f'<circle cx="{x:.1f}" cy="{y(each.score):.1f}" r="9" fill="{_colour(each.contender)}"/>'
            f'<text class="on" x="{x:.1f}" y="{y(each.score) + 4:.1f}" text-anchor="middle">{each.contender + 1}</text>'
        )


def receipt_facts(receipt: Receipt, figures: Figures | None) -> Iterator[Phrase]:
    """Yield a request's time, API format and version, and what the server reported about itself."""
    yield phrase("sent {time}", time=f"{receipt.at:%Y-%m-%d %H:%M:%S} UTC")
    yield phrase("API format {wire}", wire=in_a_line(receipt.wire))
    if version := api_version(receipt.url):
        yield phrase("api-version {version}", version=version)
    if served := receipt.server_model or (figures.server_model if figures is not None else None):
        yield phrase("served by {model}", model=in_a_line(bounded(served)))
    if receipt.fingerprint:
        yield phrase("fingerprint {fingerprint}", fingerprint=in_a_line(bounded(receipt.fingerprint)))
    if figures is not None and figures.region:
        yield phrase("region {region}", region=in_a_line(bounded(figures.region)))
    if figures is not None and figures.request_id:
        yield phrase("request ID {id}", id=in_a_line(bounded(figures.request_id)))
    if tries := receipt.tries:
        yield counted("{n} earlier attempt", "{n} earlier attempts", len(tries))


def api_version(url: str) -> str:
    """Return the api-version parameter of a URL, or an empty string."""
    try:
        named = parse_qs(urlsplit(url).query).get("api-version", [""])
    except ValueError:
        return ""
    return in_a_line(named[0])[:40]


_MOST_PAIRS = 200
"""Maximum number of pairs in the table."""

_LONGEST_PROMPT = 120
_SIGNS = {CellStatus.PASSED: "✓", CellStatus.FAILED: "✗", CellStatus.UNGRADED: "–", CellStatus.ERROR: "!"}

_STYLE = f"""{PLOT_STYLE}
.facts td {{ white-space: nowrap; }}
.setting {{ grid-template-columns: fit-content(40%) minmax(0, 1fr); }}
.setting dt, .settings h3, li {{ overflow-wrap: anywhere; }}
.cases {{ border-collapse: collapse; width: 100%; font-size: .87rem; }}
.cases th, .cases td {{ border-bottom: 1px solid var(--line); padding: .35rem .6rem; text-align: start;
  vertical-align: top; overflow-wrap: anywhere; }}
.cases tr:first-child > :first-child {{ white-space: nowrap; }}
.cases thead th:nth-child(2) {{ min-width: 8rem; }} .cases thead th:nth-child(n + 3) {{ min-width: 5rem; }}
.cases tbody tr:first-child td {{ border-bottom: none; }}
.cases thead th {{ color: var(--muted); font-weight: 500; vertical-align: bottom; }}
.cases tbody {{ content-visibility: auto; contain-intrinsic-size: auto 4rem; }}
.cases .open > td {{ padding-block: 0 .35rem; }}
.first-line {{ color: var(--muted); }}
.passed {{ color: var(--good); font-weight: 600; }} .failed, .error {{ color: var(--bad); font-weight: 600; }}
.ungraded {{ color: var(--muted); font-weight: 600; }}
.reply {{ border-top: 1px solid var(--line); padding: .5rem 0; }}
.reply .plain {{ color: var(--text); }}
@media print {{ .cases tbody {{ content-visibility: visible; }} .cases tr {{ break-inside: avoid; }}
  .cases tr.open {{ display: none; }} .cases {{ font-size: 8pt; }} .plots figure {{ flex: 0 1 45%; }} }}
"""


def _grader_text(spec: GraderSpec) -> str:
    """Return a grader as JSON without default values."""
    unset = GraderSpec(type=spec.type, negated=spec.negated, folded=spec.folded)
    held = {name: value for name, value in msgspec.structs.asdict(spec).items() if value != getattr(unset, name)}
    return json.dumps({"type": spec.name, **held}, ensure_ascii=False)


class HtmlRunReport(RunLines):
    """Web page of a run, generated case by case. Responses are shortened; on screen they can be expanded."""

    wants_receipts = True

    def __init__(self, facts: RunFacts, words: PageWords) -> None:
        super().__init__(facts)
        self._words = words
        self._names = names_in(facts.results)

    def head(self) -> Iterator[str]:
        """Yield the page up to the first case."""
        facts, words = self.facts, self._words
        title = escape(in_a_line(bounded(facts.run.name)) or words.say(UNTITLED))
        yield (
            f'<!doctype html>\n<html lang="{escape(words.language)}" dir="{"rtl" if words.is_rtl else "ltr"}">\n'
            f'<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
            '<meta name="referrer" content="no-referrer">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{title}</title>\n<style>{style(len(self._names) + 1)}{_STYLE}</style>\n</head>\n<body>\n<main>\n"
            f'<h1 dir="auto">{title}</h1>\n<p class="about">{" · ".join(map(self._said, self._about()))}</p>\n'
        )
        yield f'<section class="block claims">\n<h2>{self._said(phrase("Summary"))}</h2>\n'
        yield f'<div class="wide">{self._contenders()}</div>\n{self._listing(sentences(facts.results))}</section>\n'
        yield from self._pictures()
        yield from self._pairs()
        yield from self._tags()
        yield from self._known()
        yield from self._settings()
        yield from self._table_head()

    def case(self, number: int, records: Sequence[CellRecord]) -> Iterator[str]:
        """Yield a row with the beginnings of the responses, followed by their full texts."""
        suite = self.facts.suite
        turns = suite.turns(suite.cases[number])
        line = in_a_line(suite.cases[number].description or turns[-1][: 4 * _LONGEST_PROMPT])[:_LONGEST_PROMPT]
        by_contender = [[each for each in records if each.key.contender == place] for place in range(len(self._names))]
        cells = "".join(map(self._beginning, by_contender))
        yield f'<tbody>\n<tr><td>{number + 1}</td><td dir="auto">{escape(line) or "…"}</td>{cells}</tr>\n'
        yield f'<tr class="open"><td></td><td colspan="{len(self._names) + 1}"><details>'
        yield f"<summary>{self._said(phrase('Prompts and responses'))}</summary>\n"
        yield "".join(f'<div class="prompt">{plain(turn)}</div>\n' for turn in turns)
        for record in records:
            yield from self._reply(record)
        yield "</details></td></tr>\n</tbody>\n"

    def tail(self) -> Iterator[str]:
        """Yield the page from the last case to the end."""
        yield "</table>\n</div>\n</section>\n</main>\n</body>\n</html>\n"

    def _said(self, words: str) -> str:
        return escape(self._words.say(words if isinstance(words, Phrase) else english(words)))

    def _listing(self, told: Iterable[str]) -> str:
        items = "".join(f'<li dir="auto">{self._said(each)}</li>\n' for each in told)
        return f"<ul>\n{items}</ul>\n" if items else ""

    def _about(self) -> Iterator[Phrase]:
        facts, results = self.facts, self.facts.results
        yield STATES[results.state]
        yield counted("{n} case", "{n} cases", results.cases)
        yield counted("{n} contender", "{n} contenders", len(results.contenders))
        yield counted("{n} repeat", "{n} repeats", results.repeats)
        yield phrase("total cost {cost}", cost=money(results.spent_usd))
        yield english(time_text(facts.run.created_at))
        yield phrase("created on {day} by Paragone {version}", day=time_text(facts.at), version=facts.version)

    def _dot(self, place: int) -> str:
        return f'<span class="dot p{place % COLOURS}">{place + 1}</span>'

    def _table(
        self, columns: Sequence[Phrase], rows: Iterable[tuple[Sequence[str], Sequence[Phrase]]], words: int = 1
    ) -> str:
        """Return a table without its empty columns.

        Args:
            columns: Titles of the columns.
            rows: Text cells (as HTML) and numeric cells of each row.
            words: Number of text cells.
        """
        rows = list(rows)
        says = [not rows or any(rest[at] for _, rest in rows) for at in range(len(columns) - words)]
        columns = [*columns[:words], *compress(columns[words:], says)]
        rows = [(first, [*compress(rest, says)]) for first, rest in rows]
        head = "".join(
            f'<th scope="col"{" class=word" if at < words else ""}>{self._said(each)}</th>'
            for at, each in enumerate(columns)
        )
        told = "".join(
            f"<tr>{''.join(first)}{''.join(f'<td><bdi>{self._said(cell)}</bdi></td>' for cell in rest)}</tr>\n"
            for first, rest in rows
        )
        return f'<table class="facts">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{told}</tbody>\n</table>\n'

    def _named(self, place: int) -> str:
        return (
            f'<th scope="row" class="word" dir="auto">{self._dot(place)} <bdi>{escape(self._names[place])}</bdi></th>'
        )

    def _contenders(self) -> str:
        return self._table(
            CONTENDER_COLUMNS,
            (((self._named(each.contender),), contender_cells(each)[1:]) for each in self.facts.results.contenders),
        )

    def _pictures(self) -> Iterator[str]:
        scored = [each for each in self.facts.results.contenders if each.score is not None]
        if not scored:
            return
        title = self._said(phrase("Scores with 95% confidence intervals"))
        drawn = bars(scored, self._words.say, is_rtl=self._words.is_rtl)
        yield f'<section class="block">\n<h2>{title}</h2>\n<figure>{drawn}</figure>\n'
        costs = [(each, each.cost_usd / each.answered) for each in scored if each.cost_usd and each.answered]
        times = [(each, each.latency_p50_ms) for each in scored if each.latency_p50_ms is not None]
        score, say = self._words.say(phrase("Score")), self._words.say
        yield '<div class="plots">\n'

        def cost_said(usd: float) -> str:
            """Return a cost in the page's language."""
            return say(money(usd))

        def time_said(ms: float) -> str:
            """Return a latency in the page's language."""
            return say(duration_text(ms))

        for measured, across, axis_text in (
            (costs, phrase("Cost per response"), cost_said),
            (times, phrase("p50 latency"), time_said),
        ):
            points = [point_of(each, x) for each, x in measured]
            if len(points) > 1:
                yield f"<figure>{scatter(points, say(across), score, axis_text)}</figure>\n"
        yield "</div>\n</section>\n"

    def _pairs(self) -> Iterator[str]:
        pairs = self.facts.results.pairs[:_MOST_PAIRS]
        if pairs:
            yield f'<section class="block">\n<h2>{self._said(phrase("Pairwise comparison"))}</h2>\n<div class="wide">'
            yield self._table(
                PAIR_COLUMNS,
                (((self._named(each.a), self._named(each.b)), pair_cells(each, self._names)[2:]) for each in pairs),
                words=2,
            )
            yield "</div>\n</section>\n"

    def _tags(self) -> Iterator[str]:
        tags = self.facts.results.tags
        if not tags:
            return
        columns = (phrase("Tag"), phrase("Cases"), *map(english, self._names))
        rows = (
            (
                (f'<th scope="row" class="word" dir="auto">{escape(in_a_line(bounded(each.tag)))}</th>',),
                (
                    figure(each.cases),
                    *(NOTHING if score is None else with_sign(round(score, 2)) for score in each.scores),
                ),
            )
            for each in tags
        )
        yield f'<section class="block">\n<h2>{self._said(phrase("By tag"))}</h2>\n<div class="wide">'
        yield f"{self._table(columns, rows)}</div>\n</section>\n"

    def _known(self) -> Iterator[str]:
        told = self._listing((*self.facts.results.notices, *judge_sentences(self.facts.results)))
        if told:
            yield f'<section class="block note">\n<h2>{self._said(phrase("Notes"))}</h2>\n'
            yield f"{told}</section>\n"

    def _settings(self) -> Iterator[str]:
        yield f'<section class="block settings">\n<h2>{self._said(phrase("Settings"))}</h2>\n<div class="all">\n'
        for place, name in enumerate(self._names):
            yield f'<div class="long">\n<h3>{self._dot(place)} <bdi>{escape(name)}</bdi></h3>\n'
            yield f"{self._facts(self._contender_settings(place))}</div>\n"
        yield f'<div class="long">\n<h3>{self._said(phrase("Suite"))}</h3>\n'
        yield f"{self._facts(self._suite_settings())}</div>\n</div>\n</section>\n"

    def _facts(self, told: Iterable[tuple[str, str]]) -> str:
        listed = "".join(
            f'<dt dir="auto">{escape(name)}</dt><dd dir="auto">{escape(value)}</dd>\n' for name, value in told
        )
        return f'<dl class="setting">\n{listed}</dl>\n'

    def _contender_settings(self, place: int) -> Iterator[tuple[str, str]]:
        suite, say = self.facts.suite, self._words.say
        contender, result = suite.contenders[place], self.facts.results.contenders[place]
        yield say(phrase("Model")), in_a_line(str(contender.model))
        if result.server_models:
            yield (
                say(phrase("Model reported by the server")),
                ", ".join(in_a_line(bounded(e)) for e in result.server_models),
            )
        for name, value in contender.parameters.items():
            yield in_a_line(name), parameter_text(value)
        if not contender.parameters:
            yield say(phrase("Parameters")), say(phrase("none set: the server defaults apply"))
        system = suite.system_of(contender)
        yield say(phrase("System prompt")), shown_system(system, say) if system else say(phrase("none"))

    def _suite_settings(self) -> Iterator[tuple[str, str]]:
        suite, run, say = self.facts.suite, self.facts.run, self._words.say
        if suite.description:
            yield say(phrase("Description")), bounded(suite.description)
        yield "SHA-256", run.digest
        graders = dict.fromkeys(_grader_text(grader) for case in suite.cases for grader in case.graders)
        shown = [bounded(each) for each, _ in zip(graders, range(50), strict=False)]
        yield say(phrase("Graders")), "\n".join(shown) or say(phrase("none"))
        if suite.tools.servers:
            mode = phrase("results recorded once per case") if suite.tool_mode is ToolMode.RECORDED else phrase("live")
            if run.tools_from:
                mode = phrase("results of run {id}", id=in_a_line(bounded(run.tools_from)))
            yield say(phrase("Tools")), f"{in_a_line(bounded(', '.join(suite.tools.servers)))} ({say(mode)})"
        if run.cap is not None:
            yield say(phrase("Cap")), say(money(run.cap))
        yield say(phrase("Order seed")), str(run.seed)
        yield say(phrase("Run")), run.id

    def _table_head(self) -> Iterator[str]:
        heads = "".join(
            f'<th scope="col" dir="auto">{self._dot(place)} <bdi>{escape(name)}</bdi></th>'
            for place, name in enumerate(self._names)
        )
        yield f'<section>\n<h2>{self._said(phrase("Cases"))}</h2>\n<div class="wide">\n<table class="cases">\n<thead>'
        yield f"<tr><th>#</th><th>{self._said(phrase('Prompt'))}</th>{heads}</tr></thead>\n"

    def _beginning(self, records: Sequence[CellRecord]) -> str:
        """Return a table cell with the outcomes of all repeats and the beginning of the first response."""
        signs = "".join(self._sign(each.status) for each in records)
        if not records:
            return "<td></td>"
        line = in_a_line(self._told(records[0]) or records[0].head.first_line)
        return f'<td>{signs} <span class="first-line" dir="auto">{escape(line)}</span></td>'

    def _sign(self, status: CellStatus) -> str:
        return f'<span class="{status.value}" title="{self._said(STATUSES[status])}">{_SIGNS[status]}</span>'

    def _told(self, record: CellRecord) -> str:
        """Return the error of a cell without the server's address, or an empty string if it has none."""
        if record.status is not CellStatus.ERROR:
            return ""
        return " ".join(reasons_of(record, self.facts.connection_of(record.key.contender)))[: 2 * _LONGEST_PROMPT]

    def _reply(self, record: CellRecord) -> Iterator[str]:
        contender = record.key.contender
        details = [self._said(STATUSES[record.status])]
        if record.score is not None:
            details.append(self._said(figure(record.score, 2)))
        if self.facts.run.repeats > 1:
            details.append(self._said(phrase("repeat {number}", number=record.key.repeat + 1)))
        details += map(escape, self._measured(record.figures))
        name = f"{self._dot(contender)} <bdi>{escape(self._names[contender])}</bdi>"
        yield f'<div class="reply">\n<p class="figures" dir="auto">{name} · {" · ".join(details)}</p>\n'
        for each in record.calls or ():
            yield f'<details class="call">\n<summary dir="auto">{self._said(call_text(each))}</summary>\n'
            yield f"{plain(each.result.text[:_LONGEST_RESULT])}</details>\n"
        yield "".join(map(plain, record.answers))
        for grade in record.grades:
            sign = "–" if grade.passed is None else "✓" if grade.passed else "✗"
            yield f'<p class="figures" dir="auto">{sign} {escape(grade.grader)}: {escape(bounded(grade.reason))}</p>\n'
        if record.status is CellStatus.ERROR:
            yield f'<p class="problem" dir="auto">{escape(self._told(record))}</p>\n'
        if record.reviewed is not None:
            said = phrase("Human review: passed") if record.reviewed else phrase("Human review: failed")
            yield f'<p class="figures" dir="auto">{self._said(said)} {escape(bounded(record.note))}</p>\n'
        if (receipt := self.receipts.get(record.key)) is not None:
            details = map(self._said, receipt_facts(receipt, record.figures))
            yield f'<p class="figures" dir="auto">{" · ".join(details)}</p>\n'
        yield "</div>\n"

    def _measured(self, figures: Figures | None) -> Iterator[str]:
        """Yield the known figures of a response as text."""
        if figures is None:
            return
        say = self._words.say
        if figures.duration_ms is not None:
            yield say(duration_text(figures.duration_ms))
        if figures.cost is not None:
            yield say(money(figures.cost))
