"""Documents to be printed or saved as PDF or DOCX: the protocol of the child process, and the text of a report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

import msgspec
from msgspec import Struct

from desktop.domain.conversation_types import Message
from desktop.domain.message_parts import TextPart
from desktop.formatting.number_format import in_a_line
from desktop.pages.page_files import named
from desktop.renderer.render_wire import FormulaReply, FormulaRequest
from desktop.reports import report_phrases
from desktop.reports.comparison_report import ComparisonReport, ReportTurn
from desktop.reports.ranking_html import PageWords
from desktop.reports.report_drawings import DrawnParts
from desktop.reports.report_html import HtmlReport, PreparedTurn
from desktop.reports.report_phrases import UNTITLED
from desktop.reports.report_style import COLOURS, LIGHT, bands
from desktop.text.phrases import Phrase, counted, phrase

READY = b"paragone-paper\n"
"""First line that the child process writes."""

MOST_FRAME = 64 << 20
"""Maximum bytes of one frame."""


class PaperForm(Struct, frozen=True, kw_only=True, tag="form"):
    """File type and page layout. `suffix` is pdf or docx, `columns` is the number of columns side by side.

    `letter` is whether to use the North American paper size instead of A4. `points` is the font size.
    """

    suffix: str
    title: str
    columns: int = 1
    is_rtl: bool = False
    letter: bool = False
    points: float = 10.0
    language: str = "en"


class PlacedFormula(Struct, frozen=True):
    """Drawing of a formula or a diagram, which the text refers to by name."""

    request: FormulaRequest
    reply: FormulaReply


class PaperBlock(Struct, frozen=True, kw_only=True, tag="block"):
    """HTML across the page. It starts a new page if fewer than `keep` dots remain below it.

    `ruled` is whether a line is drawn above it; `page` is whether it always starts a new page.
    """

    html: str
    keep: float = 0.0
    ruled: bool = False
    page: bool = False
    formulas: Mapping[str, PlacedFormula] = {}


class PaperColumns(Struct, frozen=True, kw_only=True, tag="columns"):
    """HTML texts in columns side by side, below their headings."""

    heads: tuple[str, ...]
    cells: tuple[str, ...]
    formulas: Mapping[str, PlacedFormula] = {}


class PaperEnd(Struct, frozen=True, tag="end"):
    """End of the document."""


PaperPart = PaperBlock | PaperColumns
PaperFrame = PaperForm | PaperBlock | PaperColumns | PaperEnd

_frames: msgspec.msgpack.Decoder[PaperFrame] = msgspec.msgpack.Decoder(PaperFrame)


class FormulaNames:
    """Assigns names to formula drawings. Each drawing is sent once, with the first part that needs it."""

    def __init__(self) -> None:
        self._count = 0
        self._new: dict[str, PlacedFormula] = {}

    def placed(self, request: FormulaRequest, reply: FormulaReply) -> str:
        """Assign a name to a formula's drawing, and return the HTML that refers to it."""
        self._count += 1
        name = f"formula:{self._count}"
        self._new[name] = PlacedFormula(request, reply)
        return f'<img src="{name}">'

    def taken(self) -> dict[str, PlacedFormula]:
        """Return the drawings named since the last call."""
        taken, self._new = self._new, {}
        return taken


def framed(value: PaperFrame) -> bytes:
    """Return a frame: four bytes of length, then the value. Lone surrogates become replacement characters."""
    data = msgspec.msgpack.encode(value)
    return len(data).to_bytes(4, "big") + data


def sound(text: str) -> str:
    """Return a text without lone surrogates, so that it can be encoded as UTF-8."""
    return text.encode("utf-8", "replace").decode()


def frame_of(data: bytes) -> PaperFrame:
    """Return the value in a frame. Raises msgspec.DecodeError."""
    return _frames.decode(data)


MOST_OF_ANSWER = 50_000
"""Maximum characters of a response in PDF or DOCX, because a column is laid out at once."""

_WORDS = 3
"""Number of leading columns of the summary that contain words; the others contain numbers."""

_CELL = '<td align="{}">{}</td>'


class PaperText:
    """HTML texts of a report, in the order in which they are printed."""

    def __init__(self, report: ComparisonReport, words: PageWords) -> None:
        self._report = report
        self._say = words.say
        self._page = HtmlReport(report, words)
        self.title = in_a_line(report.title) or words.say(UNTITLED)
        self.bands = bands(len(report.panes))

    def head(self) -> Iterator[str]:
        """Yield the texts before the first turn, each a document of its own."""
        report = self._report
        about = " · ".join(map(self._said, report_phrases.about(report)))
        yield f'<h1>{escape(self.title)}</h1><p class="muted">{about}</p>'
        head = "".join(f"<th>{self._said(each)}</th>" for each in report_phrases.CONTENDER_COLUMNS)
        yield f"<h2>{self._said(phrase('Summary'))}</h2>"
        rows = "".join(self._contender(pane) for pane in range(len(report.panes)))
        yield f'<table width="100%" class="muted"><thead><tr>{head}</tr></thead>{rows}</table>'
        for told, look in ((report_phrases.claims(report), "plain"), (report_phrases.known(report), "muted")):
            items = "".join(f'<li class="{look}">{self._said(each)}</li>' for each in told)
            yield f"<ul>{items}</ul>"
        yield f"<h2>{self._said(phrase('Settings'))}</h2>"
        for pane in range(len(report.panes)):
            facts = "".join(f"<br>{escape(name)}: {_lines(value)}" for name, value in self._page.settings(pane))
            yield f"<p>{self._name(pane)}{facts}</p>"
        yield f'<p class="muted">{self._said(report_phrases.MARKED)}</p>'

    def prepared(self, number: int) -> PreparedTurn:
        """Parse and compare the responses of a turn, after truncating very long ones. `number` is the turn's index."""
        turn = self._report.turn(number)
        answers = tuple(each._replace(answer=_cut(each.answer, self._say)) for each in turn.answers)
        return self._page.prepared_of(turn._replace(answers=answers), thoughts=False)

    def turn_head(self, turn: ReportTurn) -> str:
        """Return a turn's number, prompt and votes."""
        prompt = turn.prompt
        at = f' <span class="muted">{report_phrases.time_text(prompt.created_at)}</span>' if prompt is not None else ""
        title = self._said(phrase("Turn {number}", number=turn.number + 1))
        told = [(report_phrases.vote_text(self._report, each, self._say), each.vote.note) for each in turn.votes]
        votes = "".join(f'<p class="good">✓ {escape(" ".join(each))}</p>' for each in told)
        return f"<h2>{title}{at}</h2>{self._asked(prompt) if prompt is not None else ''}{votes}"

    def pane_head(self, turn: ReportTurn, place: int) -> str:
        """Return the heading of a column."""
        connection = escape(report_phrases.connection_text(self._report.panes[place], self._say))
        best = ' <span class="good">✓</span>' if report_phrases.is_best(turn, place) else ""
        return f'<p style="margin: 0 0 3px 0">{self._name(place)}{best}<br><span class="muted">{connection}</span></p>'

    def cell(self, prepared: PreparedTurn, pane: int, drawn: DrawnParts) -> str:
        """Return the text of a column: figures, response and notes."""
        answer, prompt = prepared.turn.answers[pane], prepared.turn.prompt
        if answer.prompt is None:
            return f'<p class="none">{self._said(phrase("Not sent in this turn."))}</p>'
        prompt_html = ""
        if prompt is not None and (answer.prompt.text, answer.prompt.files) != (prompt.text, prompt.files):
            otherwise = self._said(phrase("The prompt was different:"))
            prompt_html = f'<p class="none">{otherwise}</p>{self._asked(answer.prompt)}'
        if answer.answer is None:
            return f'{prompt_html}<p class="none">{self._said(phrase("No response."))}</p>'
        return f"{prompt_html}{''.join(self._page.answer(prepared, pane, drawn))}"

    def agreed(self, prepared: PreparedTurn) -> str:
        """Return a line with the number of sentences that are in all responses of a turn; empty if there are none."""
        if not prepared.agreed:
            return ""
        count = counted("{n} sentence in all responses", "{n} sentences in all responses", len(prepared.agreed))
        said = f"{self._said(count)} · {self._said(phrase('compared by words, not by meaning'))}"
        return f'<p class="muted">{said}: {escape(" ".join(prepared.agreed))}</p>'

    def tail(self, undrawn: int) -> str:
        """Return the text after the last turn; empty if there is none."""
        return f'<p class="muted">{self._said(report_phrases.undrawn_text(undrawn))}</p>' if undrawn else ""

    def _said(self, words: Phrase) -> str:
        return escape(self._say(words))

    def _name(self, place: int) -> str:
        pane = self._report.panes[place]
        colour = LIGHT[(place if pane.state.mark is None else pane.state.mark) % COLOURS]
        name = escape(in_a_line(self._say(pane.name)))
        return f'<span style="color: {colour}"><b>{place + 1}</b></span> <b>{name}</b>'

    def _contender(self, place: int) -> str:
        cells = report_phrases.contender_cells(self._report, place, self._say)
        sides = ["left" if number < _WORDS else "right" for number in range(len(cells))]
        return f"<tr>{''.join(map(_CELL.format, sides, map(escape, cells)))}</tr>"

    def _asked(self, prompt: Message) -> str:
        files = (self._said(phrase("Attached: {name}", name=in_a_line(named(part).name))) for part in prompt.files)
        attached = "".join(f'<p class="attached">{each}</p>' for each in files)
        text = prompt.text
        if (rest := len(text) - MOST_OF_ANSWER) > 0:
            text = f"{text[:MOST_OF_ANSWER]}{self._say(_left(rest))}"
        return f'<p class="prompt">{_lines(text)}</p>{attached}'


def _lines(text: str) -> str:
    return escape(text.replace("\r\n", "\n").replace("\r", "\n")).replace("\n", "<br>")


def _left(rest: int) -> Phrase:
    return counted("… and {n} more character", "… and {n} more characters", rest)


def _cut(answer: Message | None, say: report_phrases.Say) -> Message | None:
    """Return a response; a very long one is truncated, with a note on the length of the rest."""
    if answer is None or (rest := len(answer.text) - MOST_OF_ANSWER) <= 0:
        return answer
    text = f"{answer.text[:MOST_OF_ANSWER]}\n\n{say(_left(rest))}"
    others = tuple(part for part in answer.parts if not isinstance(part, TextPart))
    return msgspec.structs.replace(answer, parts=(*others, TextPart(text=text)))
