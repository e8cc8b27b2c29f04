"""`conversations import`: previews, imports with a report for each item, and undoes imports."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from desktop.domain.conversation_types import Value
from desktop.errors import TransferError, UsageError
from desktop.store.retention import rule_of
from desktop.terminal.console import Console, builtins, count
from desktop.terminal.console_services import ConsoleServices
from desktop.terminal.interrupt import on_interrupt
from desktop.text.phrases import english
from desktop.transfer import last_import
from desktop.transfer.import_drafts import with_count
from desktop.transfer.import_report import FileReport, ItemState, Note, Report, by_archive, notes
from desktop.transfer.importer import Importer, undo

_INTERRUPTED = 130
_STATES = {
    ItemState.NEW: "new",
    ItemState.HERE: "already here",
    ItemState.TRASHED: "in the trash",
    ItemState.EMPTY: "without messages",
    ItemState.BROKEN: "unreadable",
}


class _Told(Value, frozen=True, kw_only=True):
    """Output of `--json`."""

    dry_run: bool
    stopped: bool
    files: tuple[FileReport, ...]


async def run(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Import files or preview the import. Returns 1 if a file or an item could not be read."""
    if arguments.undo:
        return await _undo(services, arguments)
    services.settings.policy.require_way_in()
    if not arguments.files:
        raise UsageError(
            english("No file given."),
            hint=english("conversations import FILE..., or --undo for the last import."),
        )
    console = services.console
    folder = services.paths.data
    begins = last_import.ImportRecord(folder).note
    rule = rule_of(services.settings, services.settings.policy.locked)
    importing = Importer(await services.store(), arguments.files, begins=begins, rule=rule)
    doing = "Checked" if arguments.dry_run else "Imported"

    def show(done: int, total: int) -> None:
        """Show the number of conversations read so far."""
        console.status(f"{doing} {done:,} of {total:,}")

    try:
        with on_interrupt(importing.stop):
            report = await (importing.look(show) if arguments.dry_run else importing.run(show))
    except BaseException:
        console.end_line()
        try:
            last_import.remember(services.paths.data, importing.added)
        except TransferError as error:
            console.problem(error)  # the error that ended the import is printed last and takes precedence
        added = sum(each.state is ItemState.NEW and each.is_conversation for each in importing.added)
        console.note(f"The import was interrupted: {count(added, 'conversation')} imported.")
        raise
    finally:
        importing.close()
    last_import.remember(services.paths.data, importing.added)
    console.end_line()
    if arguments.json:
        console.json(builtins(_Told(dry_run=arguments.dry_run, stopped=report.stopped, files=report.files)))
    else:
        _print(console, report, dry_run=arguments.dry_run)
    if report.stopped:
        return _INTERRUPTED
    return 1 if report.failed else 0


async def _undo(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    if arguments.files or arguments.dry_run:
        raise UsageError(english("--undo takes no file: it removes what the last import added."))
    added = last_import.recall(services.paths.data)
    removed = await undo(await services.store(), added)
    last_import.forget(services.paths.data)
    remaining = len(added) - removed
    if arguments.json:
        services.console.json({"removed": removed, "kept": remaining})
        return 0
    services.console.line(f"Removed {removed:,} of the last import.")
    if remaining:
        services.console.note(f"Kept {remaining:,}: continued since the import, or removed before.")
    return 0


def _print(console: Console, report: Report, *, dry_run: bool) -> None:
    for group in by_archive(report.files):
        if group[0].problem:
            console.error(group[0].problem)
            continue
        file = _together(group)
        counted = [f"{file.count(state):,} {words}" for state, words in _STATES.items() if file.count(state)]
        counted += [
            f"{count(file.compared(state), 'comparison')} {words}"
            for state, words in _STATES.items()
            if file.compared(state)
        ]
        counted += [
            f"{count(file.voted(state), 'vote')} {words}" for state, words in _STATES.items() if file.voted(state)
        ]
        console.line(f"{file.name} ({file.format}): {', '.join(counted) or 'no conversation'}")
        for note in notes(file.items):
            _print_note(console, note)
        if file.notice:
            console.note(file.notice)
    said = "would be imported" if dry_run else "added"
    counts = [count(report.count(ItemState.NEW), "conversation"), count(report.messages, "message")]
    counts += [count(report.comparisons, "comparison")] if report.comparisons else []
    counts += [count(report.votes, "vote")] if report.votes else []
    console.line(f"{', '.join(counts)} {said}.{' Nothing was changed.' if dry_run else ''}")
    if report.stopped:
        console.note("Stopped. Everything imported so far is complete; run the same command to continue.")


def _together(group: Sequence[FileReport]) -> FileReport:
    """Return a file's report, or a combined report of all files in a ZIP archive. The JSON output has all reports."""
    if len(group) == 1:
        return group[0]
    first = group[0]
    return FileReport(
        name=f"{first.archive}: {count(len(group), 'file')}",
        format=first.format,
        items=tuple(item for file in group for item in file.items),
        notice=" ".join(filter(None, (file.notice for file in group))),
    )


def _print_note(console: Console, note: Note) -> None:
    """Print a note once. The JSON output lists all conversations to which it applies."""
    said = with_count(note.reason, note.count) if note.count else note.reason
    if len(note.items) > 1:
        thing = "vote" if all(item.is_vote for item, _ in note.items) else "conversation"
        console.line(f"  {said.removesuffix('.')}: {count(len(note.items), thing)}")
    for item, _ in note.items if len(note.items) == 1 else ():
        console.line(f"  {' '.join(item.title.split()) or item.id or 'Untitled'}: {said}")
