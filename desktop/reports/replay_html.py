"""Replay as a single web page without scripts for screen and print: verdicts, tables, drawings and regressions.

Nothing is loaded from elsewhere, and it contains no server's address.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby

from desktop.pages.html_text import plain
from desktop.reports.ranking_html import PageWords
from desktop.reports.replay_document import (
    DELETED,
    NO_ANSWER,
    ReplayDocument,
    ReplayFacts,
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
from desktop.reports.replay_drawings import Diagram, svg_of
from desktop.reports.replay_sections import document_of
from desktop.reports.replay_text import model_name
from desktop.reports.report_drawings import DrawnParts
from desktop.reports.report_html import POLICY
from desktop.reports.report_style import PORTRAIT, style
from desktop.reports.slotted_text import Slotter
from desktop.text.phrases import Phrase

_ABOVE = 4
"""Heading level above the headings of an answer."""

_STYLE = """
:root { --zone-worse: #fcebec; --zone-margin: #fff5dc; --zone-better: #e8f5ee; --amber: #9a5b00; }
@media (prefers-color-scheme: dark) { :root { --zone-worse: #3b2226; --zone-margin: #3a3118; --zone-better: #183426;
  --amber: #e0b64a; } }
main { max-width: 74rem; margin: 0 auto; }
.successor { margin: 0 0 2.6rem; }
.successor > h2 { font-size: 1.55rem; margin: 0 0 .2rem; overflow-wrap: anywhere; }
.lead { font-size: 1.06rem; color: var(--muted); margin: 0 0 .15rem; max-width: 60rem; }
.pairwise { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(27rem, 100%), 1fr)); gap: 1rem;
  margin: 1rem 0; }
.card { border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.2rem .6rem; min-width: 0; }
.successor > .card { margin: 0 0 1rem; }
.card h3 { margin: 0 0 .6rem; }
.card h3 small, .block h2 small { color: var(--muted); font-weight: 400; font-size: .82em; padding-inline-start: .5em; }
.card .note, .card li { font-size: .9rem; }
.card .note { margin: 0 0 .45rem; }
.card .facts { width: 100%; margin: 0 0 .6rem; } .card .facts th, .card .facts td { padding-inline: .5rem; }
.facts td.good, .facts td.good * { color: var(--good); } .facts td.bad, .facts td.bad * { color: var(--bad); }
.facts thead th:not(.word) { max-width: 11rem; overflow-wrap: break-word; }
.facts td { white-space: nowrap; } .facts td:not(.drawing) { vertical-align: baseline; }
.facts .drawing { width: 30%; min-width: 9rem; vertical-align: middle; }
svg.drawn { display: block; width: 100%; height: auto; margin: 0 0 .5rem; }
.facts svg.drawn { margin: 0; }
svg.drawn text { font: 13px system-ui, sans-serif; }
svg.drawn rect, svg.drawn circle, svg.drawn line { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
rect.zone-worse { fill: var(--zone-worse); } rect.zone-margin { fill: var(--zone-margin); }
rect.zone-better { fill: var(--zone-better); }
line.estimate { stroke: var(--accent); } circle.estimate { fill: var(--accent); }
line.worse { stroke: var(--bad); } circle.worse, text.worse { fill: var(--bad); }
line.better { stroke: var(--good); } circle.better, text.better { fill: var(--good); }
line.margin { stroke: var(--amber); } text.margin { fill: var(--amber); }
line.muted { stroke: var(--muted); } circle.muted, text.muted { fill: var(--muted); }
line.axis { stroke: var(--line); } text.strong { fill: var(--text); }
details.regression { border: none; border-top: 1px solid var(--line); padding: .35rem 0; margin: 0; }
details.regression > *, details.regression .prompt { color: var(--text); }
.regression summary { font-size: .95rem; overflow-wrap: anywhere; padding: .15rem 0; }
.regression summary .tag { color: var(--bad); font-size: .87em; padding-inline-start: .3em; white-space: nowrap; }
.regression .prompt { margin: .5rem 0 .8rem; max-width: none; }
.regression .prompt p { margin: .3rem 0 0; }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: 1.4rem;
  font-size: .93rem; }
.sides > div { min-width: 0; overflow-wrap: anywhere; }
.sides h4 { margin: 0 0 .5rem; padding-bottom: .25rem; border-bottom: 2px solid var(--line); }
.sides table { border-collapse: collapse; display: block; overflow-x: auto; margin: 0 0 .75em; }
.sides table th, .sides table td { border: 1px solid var(--line); padding: .25rem .5rem; text-align: start; }
@media print {
  :root { --zone-worse: #fcebec; --zone-margin: #fff5dc; --zone-better: #e8f5ee; --amber: #7d4a00; }
  main { max-width: none; }
  .successor > h2 { font-size: 15pt; } .lead { font-size: 10.5pt; }
  .pairwise { grid-template-columns: 1fr 1fr; gap: 4mm; margin: 3mm 0; }
  .card { padding: 3mm 3.5mm 1mm; } .pairwise .card { break-inside: avoid; }
  .card .note, .card li { font-size: 8.5pt; }
  svg.drawn text { font-size: 15px; } .facts svg.drawn text { font-size: 13px; }
  details.regression::details-content { content-visibility: visible; display: block; block-size: auto; }
  .sides { grid-template-columns: 1fr 1fr; gap: 5mm; font-size: 8.5pt; }
  .card h3 { font-size: 11pt; } .sides h4 { font-size: 9pt; }
  .regression summary { list-style: none; break-after: avoid; font-size: 9.5pt; font-weight: 600; }
  .regression .prompt, .sides h4 { break-inside: avoid; break-after: avoid; }
}
@media screen and (max-width: 640px) { svg.drawn text { font-size: 18px; } }
"""


class HtmlReplayReport:
    """Page of a replay."""

    def __init__(self, facts: ReplayFacts, words: PageWords) -> None:
        self._facts = facts
        self._words = words
        self._slotter = Slotter()

    def pieces(self) -> Iterator[str]:
        """Yield the page from beginning to end. Slow: call it on a thread."""
        words = self._words
        document = document_of(self._facts, words.say, is_rtl=words.is_rtl)
        title = self._said(document.title)
        yield (
            f'<!doctype html>\n<html lang="{escape(words.language)}" dir="{"rtl" if words.is_rtl else "ltr"}">\n'
            f'<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
            '<meta name="referrer" content="no-referrer">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{title}</title>\n<style>{style(PORTRAIT)}{_STYLE}</style>\n</head>\n<body>\n<main>\n"
            f'<h1 dir="auto">{title}</h1>\n<p class="about">{" · ".join(map(self._said, document.about))}</p>\n'
        )
        yield from self._body(document)
        yield "</main>\n</body>\n</html>\n"

    def _body(self, document: ReplayDocument) -> Iterator[str]:
        if document.overview is not None:
            yield f'<section class="block">\n{self._table(document.overview)}</section>\n'
        for part in document.successors:
            yield from self._successor(part)
        for section in document.sections:
            blocks = "".join(map(self._block, section.blocks))
            yield f'<section class="block">\n<h2>{self._title(section)}</h2>\n{blocks}</section>\n'

    def _successor(self, part: SuccessorPart) -> Iterator[str]:
        yield f'<section class="successor">\n<h2 dir="auto">{self._said(part.headline)}</h2>\n'
        yield "".join(f'<p class="lead" dir="auto">{self._said(each)}</p>\n' for each in part.leads)
        for is_narrow, sections in groupby(part.sections, key=lambda section: section.narrow):
            cards = "".join(map(self._card, sections))
            yield f'<div class="pairwise">\n{cards}</div>\n' if is_narrow else cards
        yield "</section>\n"

    def _card(self, section: ReportSection) -> str:
        blocks = "".join(map(self._block, section.blocks))
        return f'<section class="card">\n<h3>{self._title(section)}</h3>\n{blocks}</section>\n'

    def _title(self, section: ReportSection) -> str:
        note = f" <small>{self._said(section.note)}</small>" if section.note else ""
        return f"{self._said(section.title)}{note}"

    def _block(self, block: ReportBlock) -> str:
        match block:
            case ReportText():
                look = ' class="note"' if block.is_note else ""
                return f'<p{look} dir="auto">{self._said(block.text)}</p>\n'
            case ReportList():
                return self._list(block.items)
            case ReportTable():
                return self._table(block)
            case ReportSettings():
                pairs = ((self._said(name), self._said(value)) for name, value in block.pairs)
                rows = "".join(f'<dt>{name}</dt><dd dir="auto">{value}</dd>\n' for name, value in pairs)
                return f'<dl class="setting">\n{rows}</dl>\n'
            case ReportExchange():
                return self._exchange(block)
            case Diagram():
                return f"<figure>{svg_of(block)}</figure>\n"

    def _list(self, items: Iterable[Phrase]) -> str:
        rows = "".join(f'<li dir="auto">{self._said(each)}</li>\n' for each in items)
        return f"<ul>\n{rows}</ul>\n"

    def _table(self, table: ReportTable) -> str:
        head = "".join(
            f'<th scope="col"{" class=word" if at < table.words else ""} dir="auto">{self._said(each)}</th>'
            for at, each in enumerate(table.columns)
        )
        rows = "".join(f"<tr>{self._row(row, table.words)}</tr>\n" for row in table.rows)
        return (
            f'<div class="wide"><table class="facts">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n'
            "</table></div>\n"
        )

    def _row(self, row: Sequence[ReportCell], words: int) -> str:
        first, *rest = row
        cells = "".join(self._cell(each, is_word=at < words) for at, each in enumerate(rest, 1))
        return f'<th scope="row" class="word" dir="auto">{self._said(first.text)}</th>{cells}'

    def _cell(self, cell: ReportCell, *, is_word: bool) -> str:
        if cell.diagram is not None:
            return f'<td class="drawing">{svg_of(cell.diagram)}</td>'
        look = " ".join(filter(None, ("word" if is_word else "", cell.look)))
        opened = f'<td class="{look}">' if look else "<td>"
        return f"{opened}<bdi>{self._said(cell.text)}</bdi></td>"

    def _exchange(self, exchange: ReportExchange) -> str:
        reported = exchange.reported
        tags = "".join(f' <span class="tag">{self._said(each)}</span>' for each in exchange.tags)
        head = f"<summary>{exchange.number}. <bdi>{self._said(summary_of(exchange))}</bdi>{tags}</summary>\n"
        if reported.prompt is None:
            return f'<details class="regression">{head}<p class="none">{self._said(DELETED)}</p></details>\n'
        notes = "".join(f'<p class="note">{self._said(each)}</p>\n' for each in notes_of(exchange))
        sides = "".join(
            f'<div>\n<h4 dir="auto">{escape(model_name(name))}</h4>\n{self._answer(text)}</div>\n'
            for name, text in ((reported.incumbent, reported.before), (exchange.successor, reported.now))
        )
        prompt = f'<div class="prompt">{plain(reported.prompt)}{notes}</div>\n'
        return f'<details class="regression">{head}{prompt}<div class="sides">\n{sides}</div>\n</details>\n'

    def _answer(self, text: str) -> str:
        if not text.strip():
            return f'<p class="none">{self._said(NO_ANSWER)}</p>\n'
        return self._slotter.slotted(text, _ABOVE).filled(DrawnParts())

    def _said(self, words: Phrase) -> str:
        return escape(self._words.say(words))
