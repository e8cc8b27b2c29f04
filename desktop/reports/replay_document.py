"""Contents of a replay's report, the same in every format: sections of sentences, tables, drawings and texts."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from desktop.formatting.number_format import in_a_line
from desktop.replay.replay_results import Regression, ReplayResults
from desktop.reports.replay_drawings import Diagram
from desktop.stats.noninferiority import SuccessorVerdict
from desktop.text.phrases import NOTHING, Phrase, counted, english, phrase

LONGEST_SUMMARY = 110
"""Maximum characters of a prompt in the heading of a regression."""

DELETED = phrase("This conversation was deleted, so its texts cannot be shown.")
"""Shown instead of the texts of a regression."""

NO_ANSWER = phrase("The answer has no text.")


class ReportedRegression(Struct, frozen=True, kw_only=True):
    """A regression with its texts. `prompt` is None if the conversation was deleted; `earlier` counts its messages.

    `incumbent` is the model that answered, `files` are names of attachments.
    """

    regression: Regression
    incumbent: str
    prompt: str | None = None
    before: str = ""
    now: str = ""
    earlier: int = 0
    files: tuple[str, ...] = ()


class ReplayFacts(Struct, frozen=True, kw_only=True):
    """Everything a report needs: results, and the regressions of each successor with their texts."""

    results: ReplayResults
    regressions: tuple[tuple[ReportedRegression, ...], ...]
    version: str
    at: datetime


class ReportText(NamedTuple):
    """Paragraph; a note is less important than other text."""

    text: Phrase
    is_note: bool = False


class ReportList(NamedTuple):
    """List of sentences."""

    items: tuple[Phrase, ...]


class ReportCell(NamedTuple):
    """Cell of a table: text with a look (a class of the style sheet), and a drawing beside it."""

    text: Phrase = NOTHING
    look: str = ""
    diagram: Diagram | None = None


class ReportTable(NamedTuple):
    """Table whose first `words` columns contain text and the others numbers or drawings."""

    columns: tuple[Phrase, ...]
    rows: tuple[tuple[ReportCell, ...], ...]
    words: int = 1


class ReportSettings(NamedTuple):
    """Pairs of name and value."""

    pairs: tuple[tuple[Phrase, Phrase], ...]


class ReportExchange(NamedTuple):
    """Prompt with both answers side by side. `number` counts from 1, `tags` say why it is listed."""

    number: int
    tags: tuple[Phrase, ...]
    successor: str
    reported: ReportedRegression


ReportBlock = ReportText | ReportList | ReportTable | ReportSettings | ReportExchange | Diagram


class ReportSection(NamedTuple):
    """Titled part. `note` follows the title; parts that are `narrow` may be side by side."""

    title: Phrase
    blocks: tuple[ReportBlock, ...]
    note: Phrase = NOTHING
    narrow: bool = False


class SuccessorPart(NamedTuple):
    """Everything about one successor: the verdict, what qualifies it, and sections."""

    headline: Phrase
    verdict: SuccessorVerdict
    leads: tuple[Phrase, ...]
    sections: tuple[ReportSection, ...]


class ReplayDocument(NamedTuple):
    """Report in the order of reading."""

    title: Phrase
    about: tuple[Phrase, ...]
    overview: ReportTable | None
    successors: tuple[SuccessorPart, ...]
    sections: tuple[ReportSection, ...]


def summary_of(exchange: ReportExchange) -> Phrase:
    """Return the beginning of a regression's prompt in one line, or that the conversation was deleted."""
    prompt = exchange.reported.prompt
    if prompt is None:
        return DELETED
    line = in_a_line(prompt[: 4 * LONGEST_SUMMARY])
    if not line:
        return phrase("Prompt without text")
    return english(line if len(line) <= LONGEST_SUMMARY else f"{line[: LONGEST_SUMMARY - 1]}…")


def notes_of(exchange: ReportExchange) -> tuple[Phrase, ...]:
    """Return the notes below a regression's prompt: earlier messages and attachments."""
    notes = [phrase("Attached: {name}", name=in_a_line(name)) for name in exchange.reported.files]
    if earlier := exchange.reported.earlier:
        sent = counted("{n} earlier message was sent too.", "{n} earlier messages were sent too.", earlier)
        notes.insert(0, sent)
    return tuple(notes)
