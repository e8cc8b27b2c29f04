"""What the import and export dialogs say: what was found, what becomes of it, and what is lost."""

from __future__ import annotations

from desktop.transfer.reports import FileReport, Report, State
from ui.strings import count

_REST = {
    State.HERE: "already here",
    State.TRASHED: "in the trash",
    State.EMPTY: "without a message",
    State.BROKEN: "cannot be read",
}


def found(report: Report) -> str:
    """What an import would add, in a line."""
    new = report.count(State.NEW)
    comparisons = sum(each.is_comparison for each in report.added)
    if not new and not comparisons:
        return "Nothing here is new." if not report.failed else "Nothing can be imported."
    parts = [f"{count(new, 'conversation')} with {count(report.messages, 'message')}"] if new else []
    if comparisons:
        parts.append(count(comparisons, "comparison"))
    return f"{' and '.join(parts)} to import"


def imported(report: Report) -> str:
    """What an import added, in a line."""
    new = report.count(State.NEW)
    stopped = "Stopped: " if report.stopped else ""
    return f"{stopped}{count(new, 'conversation')} with {count(report.messages, 'message')} imported"


def rest(report: Report) -> str:
    """What becomes of the others, in a line; empty where there are none."""
    counted = [(report.count(state), words) for state, words in _REST.items()]
    said = [f"{number:,} {words}" for number, words in counted if number]
    unread = sum(bool(file.problem) for file in report.files)
    if unread:
        said.append(f"{count(unread, 'file')} not understood")
    return " · ".join(said)


def file_line(file: FileReport) -> str:
    """A file with its format and what is new in it."""
    if file.problem:
        return file.name
    return f"{file.name} · {file.format} · {count(file.count(*State), 'conversation')}, {file.count(State.NEW):,} new"
