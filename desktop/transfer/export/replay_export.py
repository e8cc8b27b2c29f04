"""Export of a replay's report to a file, atomically; a child process makes its PDF."""

from __future__ import annotations

import asyncio
import os
import struct
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from html import escape
from pathlib import Path

from desktop.formatting.number_format import in_a_line
from desktop.renderer.render_wire import FormulaReply, FormulaRequest, GlyphOutline, TextRun
from desktop.reports.replay_document import (
    NO_ANSWER,
    ReportBlock,
    ReportCell,
    ReportExchange,
    ReportList,
    ReportSection,
    ReportSettings,
    ReportTable,
    ReportText,
    SuccessorPart,
    notes_of,
    summary_of,
)
from desktop.reports.replay_drawings import Anchor, BoxShape, Diagram, DotShape, Ink, LabelShape, LineShape, Shape
from desktop.reports.replay_report import ReplayReport, ReplayReportFormat
from desktop.reports.replay_sections import document_of
from desktop.reports.replay_text import model_name
from desktop.reports.report_drawings import DrawnParts
from desktop.reports.slotted_text import Slotter
from desktop.text.phrases import Phrase, counted
from desktop.transfer.export import export_writer
from desktop.transfer.export.exporter import pressed
from desktop.transfer.export.paper_text import (
    MOST_OF_ANSWER,
    FormulaNames,
    PaperBlock,
    PaperColumns,
    PaperForm,
    PaperPart,
    sound,
)

_POINTS = 9.5
_PIXELS = 13
"""Font sizes of the pages in points, and of drawings in pixels."""

_ABOVE = 3
_KEEP, _KEEP_ANSWERS = 90.0, 140.0
"""Dots that must be free below the heading of a section, and below a prompt."""

_CIRCLE = 0.5523
"""Distance of control points with which four cubic curves make a circle."""

_INKS = {
    Ink.WORSE_ZONE: "#fcebec",
    Ink.MARGIN_ZONE: "#fff5dc",
    Ink.BETTER_ZONE: "#e8f5ee",
    Ink.WORSE: "#a01824",
    Ink.MARGIN: "#7d4a00",
    Ink.BETTER: "#0f5f36",
    Ink.ESTIMATE: "#1d3fb0",
    Ink.TEXT: "#1b1f27",
    Ink.MUTED: "#5c6573",
    Ink.AXIS: "#c9ced7",
}
_LOOKS = {"good": "good", "bad": "problem", "muted": "muted"}
"""Classes of the paper's style sheet by looks of cells."""


async def write_report(
    report: ReplayReport,
    form: ReplayReportFormat,
    path: Path,
    *,
    paper_command: Sequence[str] = (),
    letter: bool = False,
) -> None:
    """Write a report; an existing file is replaced once the new one is complete.

    Args:
        paper_command: Starts the child process that makes PDFs.
        letter: Whether a PDF has the paper size of North America, otherwise A4.

    Raises:
        TransferError: If the file could not be written or the PDF not be made.
    """
    if form is not ReplayReportFormat.PDF:
        text = await asyncio.to_thread(report.text, form)
        await asyncio.to_thread(export_writer.write, path, text)
        return
    words = report.words
    paper = PaperForm(
        suffix="pdf",
        title=in_a_line(report.facts.results.name),
        columns=2,
        is_rtl=words.is_rtl,
        letter=letter,
        points=_POINTS,
        language=words.language,
    )
    with export_writer.draft(path) as descriptor, os.fdopen(descriptor, "wb", closefd=False) as file:
        async with aclosing(pressed(paper_command, paper, paper_parts(report))) as pieces:
            async for piece in pieces:
                file.write(piece)
        file.flush()
        os.fsync(file.fileno())


async def paper_parts(report: ReplayReport) -> AsyncGenerator[PaperPart]:
    """Yield the parts of a PDF in the order of reading."""
    for part in await asyncio.to_thread(list, _PaperReplay(report).parts()):
        yield part


class _PaperReplay:
    """Makes the parts of a PDF from a report's contents."""

    def __init__(self, report: ReplayReport) -> None:
        self._report = report
        self._say = report.words.say
        self._slotter = Slotter()
        self._names = FormulaNames()
        self._diagrams = 0

    def parts(self) -> Iterator[PaperPart]:
        """Yield all parts."""
        words = self._report.words
        document = document_of(self._report.facts, words.say, is_rtl=words.is_rtl)
        about = " · ".join(map(self._said, document.about))
        yield self._part(f'<h2>{self._said(document.title)}</h2><p class="muted">{about}</p>')
        if document.overview is not None:
            yield self._part(self._table(document.overview))
        for number, part in enumerate(document.successors):
            yield from self._successor(part, is_first=number == 0)
        for section in document.sections:
            yield from self._section(section)

    def _successor(self, part: SuccessorPart, *, is_first: bool) -> Iterator[PaperPart]:
        leads = "<br>".join(map(self._said, part.leads))
        yield self._part(f"<h1>{self._said(part.headline)}</h1><p>{leads}</p>", keep=_KEEP, page=not is_first)
        for section in part.sections:
            yield from self._section(section)

    def _section(self, section: ReportSection) -> Iterator[PaperPart]:
        note = f'<p class="muted">{self._said(section.note)}</p>' if section.note else ""
        yield self._part(f"<h2>{self._said(section.title)}</h2>{note}", keep=_KEEP, ruled=True)
        for block in section.blocks:
            if isinstance(block, ReportExchange):
                yield from self._exchange(block)
            else:
                yield self._part(self._block(block))

    def _part(self, html: str, *, keep: float = 0.0, ruled: bool = False, page: bool = False) -> PaperBlock:
        return PaperBlock(html=sound(html), keep=keep, ruled=ruled, page=page, formulas=self._names.taken())

    def _block(self, block: ReportBlock) -> str:
        match block:
            case ReportText():
                look = ' class="muted"' if block.is_note else ""
                return f'<p{look} dir="auto">{self._said(block.text)}</p>'
            case ReportList():
                return f"<ul>{''.join(f'<li>{self._said(each)}</li>' for each in block.items)}</ul>"
            case ReportTable():
                return self._table(block)
            case ReportSettings():
                rows = (
                    f'<tr><td class="muted">{self._said(name)}</td><td>{self._said(value)}</td></tr>'
                    for name, value in block.pairs
                )
                return f"<table>{''.join(rows)}</table>"
            case Diagram():
                return f"<p>{self._drawn(block)}</p>"
            case ReportExchange():
                return ""

    def _table(self, table: ReportTable) -> str:
        sides = ["left" if at < table.words else "right" for at in range(len(table.columns))]
        head = "".join(
            f'<th align="{side}">{self._said(each)}</th>' for side, each in zip(sides, table.columns, strict=True)
        )
        rows = "".join(
            f"<tr>{''.join(self._cell(cell, side) for side, cell in zip(sides, row, strict=True))}</tr>"
            for row in table.rows
        )
        return f'<table width="100%"><thead><tr>{head}</tr></thead>{rows}</table>'

    def _cell(self, cell: ReportCell, side: str) -> str:
        text = self._said(cell.text) if cell.diagram is None else self._drawn(cell.diagram)
        look = _LOOKS.get(cell.look)
        content = f'<span class="{look}">{text}</span>' if look else text
        return f'<td align="{side}">{content}</td>'

    def _drawn(self, diagram: Diagram) -> str:
        self._diagrams += 1
        return self._names.placed(*placed_diagram(diagram, self._diagrams))

    def _exchange(self, exchange: ReportExchange) -> Iterator[PaperPart]:
        reported = exchange.reported
        tags = f'<p class="problem">{" · ".join(map(self._said, exchange.tags))}</p>' if exchange.tags else ""
        summary = summary_of(exchange)
        head = f"<h3>{exchange.number}. {self._said(summary)}</h3>{tags}"
        if reported.prompt is None:
            yield self._part(head)
            return
        notes = "".join(f'<p class="muted">{self._said(each)}</p>' for each in notes_of(exchange))
        prompt = f'<p class="prompt" dir="auto">{_lines(self._cut(reported.prompt))}</p>'
        is_said = in_a_line(reported.prompt) == summary
        yield self._part(f"{head}{'' if is_said else prompt}{notes}", keep=_KEEP_ANSWERS)
        names = model_name(reported.incumbent), exchange.successor
        yield PaperColumns(
            heads=tuple(sound(f'<p style="margin: 0 0 3px 0"><b>{escape(in_a_line(name))}</b></p>') for name in names),
            cells=tuple(sound(self._answer(text)) for text in (reported.before, reported.now)),
        )

    def _answer(self, text: str) -> str:
        if not text.strip():
            return f'<p class="none">{self._said(NO_ANSWER)}</p>'
        return self._slotter.slotted(self._cut(text), _ABOVE).filled(DrawnParts())

    def _cut(self, text: str) -> str:
        """Return a text; of a very long one the beginning, with the length of the rest."""
        if (rest := len(text) - MOST_OF_ANSWER) <= 0:
            return text
        left = counted("… and {n} more character", "… and {n} more characters", rest)
        return f"{text[:MOST_OF_ANSWER]}\n\n{self._say(left)}"

    def _said(self, words: Phrase) -> str:
        return escape(self._say(words))


def _lines(text: str) -> str:
    return escape(text.replace("\r\n", "\n").replace("\r", "\n")).replace("\n", "<br>")


def placed_diagram(diagram: Diagram, number: int) -> tuple[FormulaRequest, FormulaReply]:
    """Return a drawing as outlines, which paper draws like those of a formula.

    Args:
        number: Distinguishes the drawing from others of the report.
    """
    reply = FormulaReply(
        left=0.0,
        top=-diagram.height,
        width=diagram.width,
        height=diagram.height,
        outlines=tuple(each for shape in diagram.shapes for each in _outlines(shape, -diagram.height)),
        texts=tuple(_run(each, -diagram.height) for each in diagram.shapes if isinstance(each, LabelShape)),
    )
    return FormulaRequest(source=f"{number}: {diagram.summary}", size=_PIXELS, display=True), reply


def _outlines(shape: Shape, top: float) -> Iterator[GlyphOutline]:
    """Yield the outlines of a shape; dashes are lines of their own."""
    match shape:
        case BoxShape():
            x, y, right, bottom = shape.x, shape.y + top, shape.x + shape.width, shape.y + top + shape.height
            yield _outline("MLLLZ", (x, y, right, y, right, bottom, x, bottom), shape.ink)
        case LineShape() if shape.dash:
            end = shape.y1
            while end < shape.y2:
                start, end = end, min(end + shape.dash, shape.y2)
                yield _outline("ML", (shape.x1, start + top, shape.x2, end + top), shape.ink, shape.width)
                end += shape.dash
        case LineShape():
            ends = (shape.x1, shape.y1 + top, shape.x2, shape.y2 + top)
            yield _outline("ML", ends, shape.ink, shape.width)
        case DotShape():
            x, y, r = shape.x, shape.y + top, shape.radius
            k = _CIRCLE * r
            curves = (
                *(x + r, y),
                *(x + r, y + k, x + k, y + r, x, y + r),
                *(x - k, y + r, x - r, y + k, x - r, y),
                *(x - r, y - k, x - k, y - r, x, y - r),
                *(x + k, y - r, x + r, y - k, x + r, y),
            )
            yield _outline("MCCCCZ", curves, shape.ink)
        case LabelShape():
            return


def _outline(steps: str, numbers: Sequence[float], ink: Ink, line: float = 0.0) -> GlyphOutline:
    points = struct.pack(f"<{len(numbers)}f", *numbers)
    return GlyphOutline(steps=steps, points=points, colour=_INKS[ink], line=line, exact=True)


def _run(label: LabelShape, top: float) -> TextRun:
    """Return a label as text that begins at its left end, whose place is estimated from the number of letters."""
    before = {Anchor.START: 0.0, Anchor.MIDDLE: label.room / 2, Anchor.END: label.room}[label.anchor]
    return TextRun(
        text=label.text,
        x=label.x - before,
        y=label.y + top,
        size=_PIXELS,
        width=label.room + _PIXELS,
        family="sans-serif",
        bold=label.bold,
        colour=_INKS[label.ink],
        exact=True,
    )
