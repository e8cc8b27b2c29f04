"""Comparison as Markdown: a summary, settings, and the responses of each turn one after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from desktop.domain.conversation_types import Message
from desktop.formatting.number_format import Say, in_a_line
from desktop.pages.exported_errors import problem_text
from desktop.pages.inert_markdown import inert
from desktop.pages.markdown_page import marked_off, self_contained
from desktop.pages.message_labels import told_apart
from desktop.pages.page_files import named
from desktop.pages.tool_call_texts import code_block, tool_call_texts
from desktop.pages.written_prompts import as_written
from desktop.reports import report_phrases
from desktop.reports.comparison_report import ComparisonReport, ReportAnswer
from desktop.reports.report_phrases import UNTITLED
from desktop.text.phrases import Phrase, phrase

_ABOVE = 3
"""Level of the heading with the model's name above a response."""

_WORDS = 3
"""Number of text columns in the summary table. The others are numeric."""


class MarkdownReport:
    """Generates the parts of the text in the order in which they are written. Formulas remain source text."""

    def __init__(self, report: ComparisonReport, say: Say) -> None:
        self._report = report
        self._say = say
        self._labels = _own_labels(report)

    def head(self) -> Iterator[str]:
        """Yield the text up to the first turn."""
        report = self._report
        yield f"# {marked_off(in_a_line(report.title)) or self._say(UNTITLED)}\n\n"
        yield f"{' · '.join(self._said(each) for each in report_phrases.about(report))}\n\n"
        yield f"## {self._said(phrase('Summary'))}\n\n"
        yield from self._contenders()
        yield "\n"
        for each in (*report_phrases.claims(report), *report_phrases.known(report)):
            yield f"- {self._said(each)}\n"
        yield f"\n## {self._said(phrase('Settings'))}\n\n"
        for place in range(len(report.panes)):
            yield from self._settings(place)

    def turn(self, number: int) -> Iterator[str]:
        """Yield a turn, numbered from 0."""
        turn = self._report.turn(number)
        prompt = turn.prompt
        yield f"## {self._said(phrase('Turn {number}', number=number + 1))}\n\n"
        if prompt is not None:
            yield f"*{report_phrases.time_text(prompt.created_at)}*\n\n### {self._said(phrase('Prompt'))}\n\n"
            yield self._prompt(prompt)
        for placed in turn.votes:
            told = [report_phrases.vote_text(self._report, placed, self._say), placed.vote.note]
            tags = (f"#{tag}" for tag in placed.vote.tags)
            yield f"- ✓ {marked_off(in_a_line(' '.join((*told, *tags))))}\n"
        yield "\n" if turn.votes else ""
        for place, each in enumerate(turn.answers):
            yield f"### {place + 1} · {self._name(place)}\n\n"
            yield from self._answer(each, prompt)

    def _said(self, words: Phrase) -> str:
        return marked_off(in_a_line(self._say(words)))

    def _name(self, place: int) -> str:
        return self._said(self._report.panes[place].name)

    def _contenders(self) -> Iterator[str]:
        columns = [self._said(each) for each in report_phrases.CONTENDER_COLUMNS]
        rule = ["---" if place < _WORDS else "---:" for place in range(len(columns))]
        rows = [
            [marked_off(cell) for cell in report_phrases.contender_cells(self._report, place, self._say)]
            for place in range(len(self._report.panes))
        ]
        for row in (columns, rule, *rows):
            yield f"| {' | '.join(row)} |\n"

    def _settings(self, place: int) -> Iterator[str]:
        pane = self._report.panes[place]
        yield f"### {place + 1} · {self._name(place)}\n\n"
        if pane.is_deleted:
            yield f"- {self._said(phrase('Conversation'))}: {self._said(phrase('deleted or damaged'))}\n"
        for name, value in pane.parameters.items():
            yield f"- {marked_off(in_a_line(name))}: {marked_off(in_a_line(report_phrases.parameter_text(value)))}\n"
        if not pane.parameters:
            none = phrase("none set: the server defaults apply")
            yield f"- {self._said(phrase('Parameters'))}: {self._said(none)}\n"
        title = self._said(phrase("System prompt"))
        systems = [each.system for each in self._report.panes]
        first = systems.index(pane.system)
        if not pane.system:
            yield f"- {title}: {self._said(phrase('none'))}\n\n"
        elif first < place:
            same = phrase("same as for {name}", name=self._report.panes[first].name)
            yield f"- {title}: {self._said(same)}\n\n"
        else:
            yield f"- {title}:\n\n{_quoted(report_phrases.shown_system(pane.system, self._say))}\n\n"

    def _prompt(self, prompt: Message) -> str:
        files = "".join(
            f"*{self._said(phrase('Attached: {name}', name=named(part).name))}*\n\n" for part in prompt.files
        )
        return f"{files}{self_contained(as_written(self._own(prompt)), _ABOVE)}\n\n"

    def _answer(self, each: ReportAnswer, prompt: Message | None) -> Iterator[str]:
        if each.prompt is None:
            yield f"*{self._said(phrase('Not sent in this turn.'))}*\n\n"
            return
        if prompt is not None and (each.prompt.text, each.prompt.files) != (prompt.text, prompt.files):
            yield f"*{self._said(phrase('The prompt was different:'))}*\n\n{self._prompt(each.prompt)}"
        answer = each.answer
        if answer is None:
            yield f"*{self._said(phrase('No response.'))}*\n\n"
            return
        told = report_phrases.figures_text(each.line, self._say) + report_phrases.standings_text(
            each.standings, self._say
        )
        if answer.status in report_phrases.STATES:
            told.append(self._say(report_phrases.STATES[answer.status]))
        yield f"*{marked_off(' · '.join(told))}*\n\n" if told else ""
        if answer.reasoning:
            yield f"> *{self._said(phrase('Reasoning'))}*\n>\n{_quoted(inert(answer.reasoning))}\n\n"
        for call in tool_call_texts(answer.parts):
            about = " · ".join(filter(None, (call.name, call.server, *map(self._say, call.notes))))
            yield f"*{self._said(phrase('Tool call: {about}', about=about))}*\n\n"
            yield "".join(f"{code_block(each)}\n\n" for each in (call.arguments, call.result) if each)
        yield from self._attached(answer)
        if answer.text:
            yield f"{self_contained(inert(self._own(answer)), _ABOVE)}\n\n"
        if answer.sources:
            yield f"**{self._said(phrase('Sources'))}**\n\n{inert(answer.sources)}\n\n"
        for file in answer.left_out:
            yield f"*{self._said(file.sentence)}*\n\n"
        if problem := problem_text(answer):
            yield f"*{marked_off(in_a_line(problem))}*\n\n"

    def _attached(self, message: Message) -> Iterator[str]:
        for part in message.files:
            yield f"*{self._said(phrase('Attached: {name}', name=named(part).name))}*\n\n"

    def _own(self, message: Message) -> str:
        """Return a message's text, in which the labels of links and footnotes are unique in the document."""
        return self._labels.get(message.id, message.text)


def _own_labels(report: ComparisonReport) -> dict[str, str]:
    """Return the texts of the messages whose labels had to be renamed, by message ID."""
    messages = [each for pane in report.panes for asked in pane.asked for each in asked if each is not None]
    texts: Sequence[str] = [each.text for each in messages]
    own = told_apart(texts)
    return {each.id: new for each, text, new in zip(messages, texts, own, strict=True) if new != text}


def _quoted(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").split("\n")
    return "\n".join(f"> {line}".rstrip() for line in lines)
