"""Comparison as a self-contained web page for screen and print: a summary, then each turn's responses side by side.

The page contains no scripts and loads nothing from the network.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import NamedTuple

from msgspec import Struct

from desktop.domain.conversation_types import Message
from desktop.formatting.number_format import in_a_line
from desktop.metrics import agreement
from desktop.metrics.differences import difference
from desktop.metrics.pieces import Span
from desktop.pages.exported_errors import problem_text
from desktop.pages.html_text import plain
from desktop.pages.page_files import named
from desktop.pages.tool_call_texts import tool_call_texts
from desktop.renderer.render_wire import Request
from desktop.reports import report_phrases
from desktop.reports.comparison_report import ComparisonReport, PlacedVote, ReportAnswer, ReportTurn
from desktop.reports.ranking_html import PageWords
from desktop.reports.report_drawings import DrawnParts
from desktop.reports.report_phrases import UNTITLED
from desktop.reports.report_style import COLOURS, bands, style
from desktop.reports.slotted_text import SlottedText, Slotter
from desktop.text.phrases import Phrase, counted, phrase

LEAST_SHARE = 0.25
"""Minimum share of common words for highlighting differences. Below this, nearly all words would be highlighted."""

MOST_COMPARED = 1_000_000
"""Maximum total characters of two responses that are compared, which limits memory use."""

MOST_AGREED = 40_000
"""Maximum total characters of a turn's responses that are searched for common sentences."""


class AnswerMarks(Struct, frozen=True):
    """Highlighted spans of a response: words that the first response lacks. `share` is the share of common words.

    `share` is None for the first response, for responses without words, and for responses that are too long to be
    compared (`too_long`). If there is a share but no spans, the two have too little in common to be highlighted.
    """

    spans: tuple[Span, ...] = ()
    share: float | None = None
    too_long: bool = False


def marks_of(words: Sequence[str]) -> tuple[AnswerMarks, ...]:
    """Return the highlights of a turn's responses from their texts. If there are only two, both are highlighted."""
    saying = [index for index, text in enumerate(words) if text.strip()]
    marks = [AnswerMarks() for _ in words]
    if len(saying) < 2:
        return tuple(marks)
    first = saying[0]
    for index in saying[1:]:
        is_short = len(words[first]) + len(words[index]) <= MOST_COMPARED
        compared = difference(words[first], words[index]) if is_short else None
        if compared is None:
            marks[index] = AnswerMarks(too_long=True)
            continue
        own = compared.share_of_right
        changes = [] if own < LEAST_SHARE else [each for each in compared.changes if not each.same]
        marks[index] = AnswerMarks(tuple(each.right for each in changes), own)
        if len(saying) == 2 and compared.share >= LEAST_SHARE:
            marks[first] = AnswerMarks(tuple(each.left for each in changes))
    return tuple(marks)


def said_by_all(words: Sequence[str]) -> tuple[str, ...]:
    """Return the sentences of the first response that all others contain, or nothing if the responses are too long."""
    saying = [text for text in words if text.strip()]
    if len(saying) < 2 or sum(map(len, saying)) > MOST_AGREED:
        return ()
    found = agreement.echoed_by_all(saying)
    return tuple(span.of(saying[0]) for span in found or ())


POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""Content security policy of the page, which may not load anything."""

MOST_LISTED = 500
"""Maximum number of turns in the list at the top of the page."""

_WORDS = 3
"""Number of text columns in the summary table. The others are numeric."""

_ABOVE = 3
"""Level of the heading above a response, below which the response's own headings begin."""

_LONGEST_LINE = 120
"""Maximum number of characters of a prompt in the list of turns."""


class PreparedTurn(NamedTuple):
    """A turn whose responses are parsed and compared, so that its draw requests are known."""

    turn: ReportTurn
    answers: tuple[SlottedText, ...]
    thoughts: tuple[SlottedText, ...]
    marks: tuple[AnswerMarks, ...]
    agreed: tuple[str, ...]

    @property
    def requests(self) -> Iterator[Request]:
        """Draw requests of the turn. Those of its reasoning are last."""
        for text in (*self.answers, *self.thoughts):
            yield from text.requests


class HtmlReport:
    """Generates the parts of the page in the order in which they are written."""

    def __init__(self, report: ComparisonReport, words: PageWords) -> None:
        self._report = report
        self._words = words
        self._slotter = Slotter()
        self._bands = bands(len(report.panes))

    def head(self) -> Iterator[str]:
        """Yield the page up to the first turn."""
        report, words = self._report, self._words
        title = escape(in_a_line(report.title) or words.say(UNTITLED))
        yield (
            f'<!doctype html>\n<html lang="{escape(words.language)}" dir="{"rtl" if words.is_rtl else "ltr"}">\n'
            "<head>\n"
            f'<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
            '<meta name="referrer" content="no-referrer">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{title}</title>\n<style>{style(len(report.panes))}</style>\n</head>\n<body>\n<main>\n"
            f'<h1 dir="auto">{title}</h1>\n'
        )
        yield f'<p class="about">{" · ".join(map(self._said, report_phrases.about(report)))}</p>\n'
        yield f'<section class="block claims">\n<h2>{self._said(phrase("Summary"))}</h2>\n'
        yield f'<div class="wide">{self._contenders()}</div>\n{self._listing(report_phrases.claims(report))}'
        yield f'<div class="note">{self._listing(report_phrases.known(report))}</div>\n</section>\n'
        yield from self._settings()
        yield from self._listed()
        marked = self._said(phrase("Highlight differences from the first response"))
        yield f'<input type="checkbox" class="toggle" id="marks" checked> <label for="marks">{marked}</label>\n'
        yield f'<p class="note">{self._said(report_phrases.MARKED)}</p>\n'

    def prepared(self, number: int) -> PreparedTurn:
        """Parse and compare a turn, numbered from 0, and return it. Slow: call on a thread."""
        return self.prepared_of(self._report.turn(number))

    def prepared_of(self, turn: ReportTurn, *, thoughts: bool = True) -> PreparedTurn:
        """Parse and compare the given turn, optionally without its reasoning, and return it."""
        told = [each.answer for each in turn.answers]
        answers = tuple(self._slotter.slotted(each.text if each else "", _ABOVE) for each in told)
        thought = tuple(self._slotter.slotted(each.reasoning if each and thoughts else "", _ABOVE) for each in told)
        words = [text.words for text in answers]
        return PreparedTurn(turn, answers, thought, marks_of(words), said_by_all(words))

    def turn(self, prepared: PreparedTurn, drawn: DrawnParts) -> Iterator[str]:
        """Yield a turn with its formulas and highlighted code."""
        turn = prepared.turn
        prompt = turn.prompt
        at = f'<span class="when">{report_phrases.time_text(prompt.created_at)}</span>' if prompt is not None else ""
        title = self._said(phrase("Turn {number}", number=turn.number + 1))
        yield f'<section class="turn" id="t{turn.number + 1}">\n<h2>{title}{at}</h2>\n'
        if prompt is not None:
            yield f'<div class="prompt">{plain(prompt.text)}{self._attached(prompt)}</div>\n'
        if turn.votes:
            yield f'<ul class="votes">\n{"".join(map(self._vote, turn.votes))}</ul>\n'
        yield '<div class="answers">\n'
        for band in self._bands:
            heads = "".join(self._pane_head(turn, place) for place in band)
            yield f'<table class="band">\n<thead><tr>{heads}</tr></thead>\n<tbody><tr>\n'
            for place in band:
                yield from self._cell(prepared, place, drawn)
            yield "</tr></tbody>\n</table>\n"
        yield "</div>\n"
        if prepared.agreed:
            count = counted("{n} sentence in all responses", "{n} sentences in all responses", len(prepared.agreed))
            said = f"{self._said(count)} · {self._said(phrase('compared by words, not by meaning'))}"
            listed = "".join(f'<li dir="auto">{escape(each)}</li>\n' for each in prepared.agreed)
            yield f"<details><summary>{said}</summary>\n<ul>\n{listed}</ul>\n</details>\n"
        yield "</section>\n"

    def tail(self, undrawn: int) -> str:
        """Return the page from the last turn to the end.

        Args:
            undrawn: Number of formulas and code blocks that exceeded the time limit.
        """
        left = report_phrases.undrawn_text(undrawn)
        note = f'<p class="note">{self._said(left)}</p>\n' if undrawn else ""
        return f"{note}</main>\n</body>\n</html>\n"

    def _said(self, words: Phrase) -> str:
        return escape(self._words.say(words))

    def _listing(self, sentences: Iterable[Phrase]) -> str:
        items = "".join(f'<li dir="auto">{self._said(each)}</li>\n' for each in sentences)
        return f"<ul>\n{items}</ul>\n"

    def _name(self, place: int) -> str:
        return escape(in_a_line(self._words.say(self._report.panes[place].name)))

    def _dot(self, place: int) -> str:
        mark = self._report.panes[place].state.mark
        return f'<span class="dot p{(place if mark is None else mark) % COLOURS}">{place + 1}</span>'

    def _contenders(self) -> str:
        head = "".join(
            f'<th scope="col"{" class=word" if place < _WORDS else ""}>{self._said(column)}</th>'
            for place, column in enumerate(report_phrases.CONTENDER_COLUMNS)
        )
        rows = "".join(self._contender(place) for place in range(len(self._report.panes)))
        return f'<table class="facts">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>'

    def _contender(self, place: int) -> str:
        name, *rest = report_phrases.contender_cells(self._report, place, self._words.say)
        head = f'<th scope="row" class="word" dir="auto">{self._dot(place)} <bdi>{escape(name)}</bdi></th>'
        cells = "".join(
            f"<td{' class=word dir=auto' if number < _WORDS else ''}>{escape(cell)}</td>"
            for number, cell in enumerate(rest, 1)
        )
        return f"<tr>{head}{cells}</tr>\n"

    def settings(self, place: int) -> Iterator[tuple[str, str]]:
        """Yield the settings of a pane as pairs of name and value."""
        pane, say = self._report.panes[place], self._words.say
        if pane.is_deleted:
            yield say(phrase("Conversation")), say(phrase("deleted or damaged"))
        for name, value in pane.parameters.items():
            yield in_a_line(name), report_phrases.parameter_text(value)
        if not pane.parameters:
            yield say(phrase("Parameters")), say(phrase("none set: the server defaults apply"))
        yield say(phrase("System prompt")), report_phrases.system_text(self._report, place, say)

    def _settings(self) -> Iterator[str]:
        yield f'<section class="block settings">\n<h2>{self._said(phrase("Settings"))}</h2>\n<div class="all">\n'
        for place in range(len(self._report.panes)):
            facts = [*self.settings(place)]
            size = "long" if any(len(value) > _LONGEST_LINE for _, value in facts) else "short"
            yield f'<div class="{size}">\n<h3>{self._dot(place)} <bdi>{self._name(place)}</bdi></h3>\n'
            listed = "".join(
                f'<dt dir="auto">{escape(name)}</dt><dd dir="auto">{escape(value)}</dd>\n' for name, value in facts
            )
            yield f'<dl class="setting">\n{listed}</dl>\n</div>\n'
        yield "</div>\n</section>\n"

    def _listed(self) -> Iterator[str]:
        turns = self._report.turns
        if not 1 < len(turns) <= MOST_LISTED:
            return
        yield f'<nav class="block"><details><summary>{self._said(phrase("Turns"))}</summary>\n<ol>\n'
        for number in range(len(turns)):
            turn = self._report.turn(number)
            line = in_a_line(turn.prompt.text[:_LONGEST_LINE]) if turn.prompt is not None else ""
            won = "".join(f' <span class="won">✓ {self._vote_words(vote)}</span>' for vote in turn.votes)
            yield f'<li><a href="#t{number + 1}"><bdi>{escape(line) or "…"}</bdi></a>{won}</li>\n'
        yield "</ol>\n</details></nav>\n"

    def _vote_words(self, placed: PlacedVote) -> str:
        return escape(report_phrases.vote_text(self._report, placed, self._words.say))

    def _vote(self, placed: PlacedVote) -> str:
        told = [placed.vote.note, *(f"#{tag}" for tag in placed.vote.tags)]
        note = "".join(f' <bdi class="none">{escape(each)}</bdi>' for each in told if each)
        return f'<li dir="auto">{self._vote_words(placed)}{note}</li>\n'

    def _pane_head(self, turn: ReportTurn, place: int) -> str:
        best = report_phrases.is_best(turn, place)
        connection = escape(report_phrases.connection_text(self._report.panes[place], self._words.say))
        return (
            f'<th scope="col" class="pane{" best" if best else ""}">{self._dot(place)} <bdi>{self._name(place)}</bdi>'
            f"<small><bdi>{connection}</bdi></small></th>"
        )

    def _cell(self, prepared: PreparedTurn, place: int, drawn: DrawnParts) -> Iterator[str]:
        entry = prepared.turn.answers[place]
        if entry.prompt is None:
            yield f'<td><p class="none">{self._said(phrase("Not sent in this turn."))}</p></td>\n'
            return
        yield "<td>"
        prompt = prepared.turn.prompt
        if prompt is not None and (entry.prompt.text, entry.prompt.files) != (prompt.text, prompt.files):
            asked = f'<p class="none">{self._said(phrase("The prompt was different:"))}</p>'
            yield f'<div class="prompt">{asked}{plain(entry.prompt.text)}{self._attached(entry.prompt)}</div>\n'
        if entry.answer is None:
            yield f'<p class="none">{self._said(phrase("No response."))}</p></td>\n'
            return
        yield from self.answer(prepared, place, drawn)
        yield "</td>\n"

    def answer(self, prepared: PreparedTurn, place: int, drawn: DrawnParts) -> Iterator[str]:
        """Yield a pane's response with its figures above and notes below, and its reasoning if that was prepared."""
        entry, thoughts = prepared.turn.answers[place], prepared.thoughts[place]
        yield self._figures(entry, prepared.marks[place], prepared.turn)
        if thoughts.slots:
            title = self._said(phrase("Reasoning"))
            yield f'<details class="thoughts"><summary>{title}</summary>\n{thoughts.filled(drawn)}</details>\n'
        yield from self._calls(entry.answer)
        yield prepared.answers[place].filled(drawn, prepared.marks[place].spans)
        if entry.answer is not None:
            yield from self._rest(entry.answer)

    def _calls(self, answer: Message | None) -> Iterator[str]:
        for call in tool_call_texts(answer.parts if answer is not None else ()):
            about = " · ".join(filter(None, (call.name, call.server, *map(self._words.say, call.notes))))
            title = self._said(phrase("Tool call: {about}", about=about))
            texts = "".join(f"<pre>{escape(each)}</pre>\n" for each in (call.arguments, call.result) if each)
            yield f'<details class="thoughts"><summary dir="auto">{title}</summary>\n{texts}</details>\n'

    def _figures(self, each: ReportAnswer, marks: AnswerMarks, turn: ReportTurn) -> str:
        say = self._words.say
        figures = [escape(each) for each in report_phrases.figures_text(each.line, say)]
        figures += [f"<b>{escape(first)}</b>" for first in report_phrases.standings_text(each.standings, say)]
        if marks.too_long:
            figures.append(self._said(phrase("These responses are too long to compare.")))
        elif marks.share is not None:
            first = next(at for at, other in enumerate(turn.answers) if other.answer and other.answer.text.strip())
            figures.append(self._said(report_phrases.like_first(marks.share, self._report.panes[first].name)))
        if each.answer is not None and each.answer.status in report_phrases.STATES:
            figures.append(f'<span class="problem">{self._said(report_phrases.STATES[each.answer.status])}</span>')
        return f'<p class="figures" dir="auto">{" · ".join(figures)}</p>\n' if figures else ""

    def _rest(self, answer: Message) -> Iterator[str]:
        """Yield the notes below a response: files, sources, content that was not sent, and problems."""
        yield self._attached(answer)
        if answer.sources:
            listed = self._slotter.slotted(answer.sources, _ABOVE).filled(DrawnParts())
            yield f"<p><b>{self._said(phrase('Sources'))}</b></p>\n{listed}"
        for file in answer.left_out:
            yield f'<p class="attached" dir="auto">{self._said(file.sentence)}</p>\n'
        if problem := problem_text(answer):
            yield f'<p class="problem" dir="auto">{escape(problem)}</p>\n'

    def _attached(self, message: Message) -> str:
        names: Sequence[str] = [named(part).name for part in message.files]
        said = (self._said(phrase("Attached: {name}", name=in_a_line(name))) for name in names)
        return "".join(f'<p class="attached" dir="auto">{each}</p>\n' for each in said)
