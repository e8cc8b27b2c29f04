"""Text for the import and export dialogs: findings, outcome and losses."""

from __future__ import annotations

from desktop.transfer.import_report import FileReport, ItemState, Report
from ui.base.strings import number_text, tr, trn


def conversations(number: int) -> str:
    """Return a number of conversations as text, such as "3 conversations"."""
    return trn("{n} conversation", "{n} conversations", number)


def found(report: Report) -> str:
    """Describe in one line what an import would add."""
    new = report.count(ItemState.NEW)
    if not report.votes:
        return _found(report, new, report.comparisons)
    votes = trn("{n} vote", "{n} votes", report.votes)
    if not new and not report.comparisons:
        return tr("{votes} to import", votes=votes)
    return tr("{found}, with {votes}", found=_found(report, new, report.comparisons), votes=votes)


def _found(report: Report, new: int, comparisons: int) -> str:
    if not new and not comparisons:
        return tr("Nothing can be imported.") if report.failed else tr("There is nothing new to import.")
    compared = trn("{n} comparison", "{n} comparisons", comparisons)
    if not new:
        return tr("{comparisons} to import", comparisons=compared)
    if not comparisons:
        return tr("{conversations} to import", conversations=_with_messages(report))
    return tr("{conversations} and {comparisons} to import", conversations=_with_messages(report), comparisons=compared)


def imported(report: Report) -> str:
    """Describe in one line what an import added."""
    if report.stopped:
        return tr("Stopped: {conversations} imported", conversations=_with_messages(report))
    return tr("{conversations} imported", conversations=_with_messages(report))


def rest(report: Report) -> str:
    """Describe in one line what happens to conversations that are not imported, or return an empty string."""
    sentences: list[str] = []
    if number := report.count(ItemState.HERE):
        sentences.append(trn("{n} already in Paragone", "{n} already in Paragone", number))
    if number := report.count(ItemState.TRASHED):
        sentences.append(trn("{n} in the trash", "{n} in the trash", number))
    if number := report.count(ItemState.EMPTY):
        sentences.append(trn("{n} without messages", "{n} without messages", number))
    if number := report.count(ItemState.BROKEN):
        sentences.append(trn("{n} unreadable", "{n} unreadable", number))
    if number := sum(bool(file.problem) for file in report.files):
        sentences.append(trn("{n} unsupported file", "{n} unsupported files", number))
    return " · ".join(sentences)


def file_line(file: FileReport) -> str:
    """Return a file's name, its format, and its numbers of conversations and of new ones."""
    if file.problem:
        return file.name
    return tr(
        "{file} · {format} · {conversations}, {new}",
        file=file.name,
        format=file.format,
        conversations=conversations(file.count(*ItemState)),
        new=trn("{n} new", "{n} new", file.count(ItemState.NEW)),
    )


def told_often(reason: str, count: int) -> str:
    """Return a sentence, followed by a count unless that is 0."""
    return tr("{reason} ({count})", reason=reason, count=number_text(count)) if count else reason


def _with_messages(report: Report) -> str:
    return tr(
        "{conversations} with {messages}",
        conversations=conversations(report.count(ItemState.NEW)),
        messages=trn("{n} message", "{n} messages", report.messages),
    )
