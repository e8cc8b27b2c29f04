"""Markdown to import from: pages of ours and those of other programs, told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from desktop.errors import TransferError
from desktop.phrases import phrase
from desktop.transfer.import_drafts import Format
from desktop.transfer.importers import markdown_notes, paragone_markdown, paragone_report
from desktop.transfer.page_names import is_markdown
from desktop.transfer.page_outline import outline, page_lines
from desktop.transfer.source import Source

MOST_BYTES = 8 << 20
"""Of one file, which is read whole."""

MOST_LINES = 500_000
"""Of one file: so many take some seconds, and as much memory as other exports of its size."""

NO_CONVERSATION = phrase(
    "This Markdown file has no headings such as “## User” or “## Assistant” that say who is speaking."
)

_OF_BRANCH = phrase("Markdown contains only the branch that was shown, without message times and parameters.")
_OF_COMPARISON = phrase(
    "From a comparison in Markdown, only the conversations are imported, without votes and settings."
)


def markdown_source(name: str, data: bytes, stem: str) -> Source | None:
    """The conversations that a page holds; None where it is none. Raises TransferError where it is too large.

    One without a title is called by the `stem` of its file's name.
    """
    if len(data) > MOST_BYTES:
        if not is_markdown(name):
            return None
        raise TransferError(
            phrase("{name} is larger than {most} MB, the maximum for Markdown.", name=name, most=MOST_BYTES >> 20),
            hint=phrase("Export fewer conversations at once."),
        )
    if b"\0" in data:
        return None
    lines = page_lines(data.decode("utf-8", "replace"))
    if len(lines) > MOST_LINES:
        raise TransferError(
            phrase("{name} has more than {most} lines, the maximum for Markdown.", name=name, most=f"{MOST_LINES:,}"),
            hint=phrase("Export fewer conversations at once."),
        )
    page = outline(lines)
    if found := paragone_markdown.parted(lines, page):
        return _held(name, paragone_markdown.FORMAT, found, _OF_BRANCH)
    if found := paragone_report.parted(lines, page):
        return _held(name, paragone_report.FORMAT, found, _OF_COMPARISON)
    found = markdown_notes.parted(lines, page, stem)
    return _held(name, markdown_notes.FORMAT, found) if found else None


def _held(name: str, form: Format, found: Sequence[Mapping[str, object]], notice: str = "") -> Source:
    return Source(name=name, format=form, count=len(found), read=lambda place: found[place], notice=notice)
