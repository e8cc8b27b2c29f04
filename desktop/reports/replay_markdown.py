"""Replay as Markdown, with the contents of the web page; drawings are sentences."""

from __future__ import annotations

from collections.abc import Iterator

from desktop.formatting.number_format import Say, in_a_line
from desktop.pages.inert_markdown import inert
from desktop.pages.markdown_page import marked_off, self_contained
from desktop.pages.message_labels import told_apart
from desktop.pages.written_prompts import as_written
from desktop.reports.replay_document import (
    NO_ANSWER,
    ReplayFacts,
    ReportBlock,
    ReportedRegression,
    ReportExchange,
    ReportList,
    ReportSection,
    ReportSettings,
    ReportTable,
    ReportText,
    notes_of,
    summary_of,
)
from desktop.reports.replay_drawings import Diagram
from desktop.reports.replay_sections import document_of
from desktop.reports.replay_text import model_name
from desktop.text.phrases import Phrase, phrase

_ABOVE = 5
"""Level of the heading above a prompt or an answer."""


class MarkdownReplayReport:
    """Text of a replay's report."""

    def __init__(self, facts: ReplayFacts, say: Say) -> None:
        self._facts = facts
        self._say = say
        self._texts = _own_labels(facts)

    def pieces(self) -> Iterator[str]:
        """Yield the text from beginning to end."""
        document = document_of(self._facts, self._say)
        yield f"# {self._said(document.title)}\n\n{' · '.join(map(self._said, document.about))}\n\n"
        if document.overview is not None:
            yield self._table(document.overview)
        for part in document.successors:
            yield f"## {self._said(part.headline)}\n\n"
            yield "".join(f"{self._said(each)}\n\n" for each in part.leads)
            for section in part.sections:
                yield from self._section(section, "###")
        for section in document.sections:
            yield from self._section(section, "##")

    def _section(self, section: ReportSection, level: str) -> Iterator[str]:
        note = f" ({self._said(section.note)})" if section.note else ""
        yield f"{level} {self._said(section.title)}{note}\n\n"
        for block in section.blocks:
            yield self._block(block)

    def _block(self, block: ReportBlock) -> str:
        match block:
            case ReportText():
                return f"{self._said(block.text)}\n\n"
            case ReportList():
                return "".join(f"- {self._said(each)}\n" for each in block.items) + "\n"
            case ReportTable():
                return self._table(block)
            case ReportSettings():
                return "".join(f"- {self._said(name)}: {self._said(value)}\n" for name, value in block.pairs) + "\n"
            case ReportExchange():
                return self._exchange(block)
            case Diagram():
                return ""  # the sentence below it says the same

    def _table(self, table: ReportTable) -> str:
        """Return a table without columns that contain only drawings."""
        shown = [at for at in range(len(table.columns)) if any(row[at].text for row in table.rows)]
        columns = [self._said(table.columns[at]) for at in shown]
        rule = ["---" if at < table.words else "---:" for at in shown]
        rows = [[self._said(row[at].text) for at in shown] for row in table.rows]
        return "".join(f"| {' | '.join(row)} |\n" for row in (columns, rule, *rows)) + "\n"

    def _exchange(self, exchange: ReportExchange) -> str:
        reported = exchange.reported
        tags = f" ({', '.join(map(self._said, exchange.tags))})" if exchange.tags else ""
        head = f"#### {exchange.number}. {self._said(summary_of(exchange))}{tags}\n\n"
        if reported.prompt is None:
            return head
        prompt, before, now = self._texts[_key(reported)]
        notes = "".join(f"*{self._said(each)}*\n\n" for each in notes_of(exchange))
        written = self_contained(as_written(inert(prompt)), _ABOVE)
        asked = f"##### {self._said(phrase('Prompt'))}\n\n{notes}{written}\n\n"
        names = reported.incumbent, exchange.successor
        answers = (
            f"##### {marked_off(in_a_line(model_name(name)))}\n\n{self._answer(text)}\n\n"
            for name, text in zip(names, (before, now), strict=True)
        )
        return f"{head}{asked}{''.join(answers)}"

    def _answer(self, text: str) -> str:
        return self_contained(inert(text), _ABOVE) if text.strip() else f"*{self._said(NO_ANSWER)}*"

    def _said(self, words: Phrase) -> str:
        return marked_off(in_a_line(self._say(words)))


def _key(reported: ReportedRegression) -> tuple[int, int]:
    return reported.regression.item, reported.regression.contender


def _own_labels(facts: ReplayFacts) -> dict[tuple[int, int], tuple[str, str, str]]:
    """Return the texts of each regression, with labels of links and footnotes unique in the report."""
    reported = [each for of_one in facts.regressions for each in of_one]
    texts = told_apart([text for each in reported for text in (each.prompt or "", each.before, each.now)])
    return {_key(each): (texts[3 * at], texts[3 * at + 1], texts[3 * at + 2]) for at, each in enumerate(reported)}
