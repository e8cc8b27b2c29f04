"""`conversations`: lists, shows, repeats, searches, exports, imports and deletes conversations."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import structs

from desktop.domain.comparison import ComparisonSummary
from desktop.domain.conversation_types import Conversation, ConversationSummary, Message, Role, now
from desktop.domain.imported_models import model_text
from desktop.errors import UsageError
from desktop.settings.policy import EXPORT
from desktop.settings.schema import EXPORT_HTML
from desktop.terminal import prompt_lines, search_command
from desktop.terminal.console import Console, count, figures_line
from desktop.terminal.console_services import ConsoleServices
from desktop.terminal.conversation_json import described
from desktop.terminal.questions import may_replace
from desktop.text.phrases import english, phrase

if TYPE_CHECKING:
    from desktop.transfer.export.export import ExportFormat
    from desktop.transfer.export.exported_files import ExportedFiles


async def run(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Execute a `conversations` action and return the exit status."""
    if arguments.action == "import":
        from desktop.terminal import import_command

        return await import_command.run(services, arguments)
    if arguments.action == "cost":
        from desktop.terminal import cost_command

        return await cost_command.run(services, arguments)
    if arguments.action == "again":
        from desktop.terminal import again_command

        return await again_command.run(services, arguments)
    actions = {
        "list": _list,
        "show": _show,
        "search": search_command.run,
        "export": _export,
        "delete": _delete,
        "tag": _tag,
    }
    return await actions[arguments.action](services, arguments)


async def _list(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    if arguments.comparisons:
        return await _list_comparisons(services, arguments)
    summaries = await (await services.store()).conversations.list()
    if arguments.json:
        services.console.json([described(each) for each in summaries])
    elif summaries:
        services.console.table(
            ("Id", "When", "Model", "Title"),
            [(each.id, _when(each), str(each.model), each.title) for each in summaries],
        )
    else:
        services.console.note("There are no conversations yet. `chat` saves them, and so does `ask` with --save.")
    return 0


async def _list_comparisons(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    comparisons = await (await services.store()).comparisons.list()
    if arguments.json:
        services.console.json(
            [
                {
                    "id": each.id,
                    "title": each.title,
                    "models": list(map(str, each.models)),
                    "conversations": list(each.conversations),
                    "updated_at": each.updated_at,
                }
                for each in comparisons
            ]
        )
    elif comparisons:
        services.console.table(
            ("Id", "When", "Models", "Title"),
            [(each.id, _when(each), ", ".join(map(str, each.models)), each.title) for each in comparisons],
        )
    else:
        services.console.note("There are no comparisons yet. `ask` with several models and --save creates one.")
    return 0


async def _show(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    if arguments.json and arguments.receipts is None:
        services.settings.policy.require(EXPORT)
    store = await services.store()
    conversation = await store.conversations.get(arguments.id)
    if arguments.receipts is not None:
        from desktop.terminal import receipts_command

        await receipts_command.show(services, conversation, arguments)
    elif arguments.json:
        from desktop.transfer.export import paragone_json

        services.console.raw(paragone_json.export([conversation], now()))
    else:
        print_conversation(services.console, conversation)
    return 0


async def _export(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    from desktop.transfer.export import export
    from desktop.transfer.export.exported_files import ExportedFiles

    services.settings.policy.require(EXPORT)
    if bool(arguments.ids) == arguments.all:
        raise UsageError(english("Name conversations, or use --all."))
    store = await services.store()
    choice = await (export.choose_all(store) if arguments.all else export.choose(store, arguments.ids))
    keep_html = services.settings.get(EXPORT_HTML)
    choice = structs.replace(choice, keep_html=keep_html, all_branches=arguments.all_branches)
    form = _format(arguments)
    exporter = await services.exporter(letter=is_letter(services.environ))
    is_comparison = choice.side_by_side is not None and form.is_readable
    wanted = not (arguments.no_attachments or is_comparison or form.is_paper)
    files = ExportedFiles(store.files, services.attachments) if wanted else None
    if arguments.output is None:
        _tell_of_unread(services.console, await exporter.write(choice, form, services.console.raw, files=files))
        _tell_of_files(services.console, files, form)
        return 0

    exists = arguments.output.exists()
    if exists and not await may_replace(services.console, arguments.output):
        return 1

    def show(done: int, total: int) -> None:
        """Show the number of conversations or turns written so far."""
        services.console.status(f"Wrote {done:,} of {total:,}")

    unread = await exporter.export(choice, form, arguments.output, files=files, progress=show)
    suffix = ", replacing the existing file" if exists else ""
    if is_comparison and choice.side_by_side is not None:
        models = count(len(choice.side_by_side.panes), "model")
        services.console.note(f"Exported a comparison of {models} to {arguments.output}{suffix}.")
    else:
        services.console.note(f"Wrote {len(choice.conversations) - len(unread):,} to {arguments.output}{suffix}.")
    _tell_of_unread(services.console, unread)
    _tell_of_files(services.console, files, form)
    return 0


def _format(arguments: argparse.Namespace) -> ExportFormat:
    """Return the requested format, or the one implied by the file's name."""
    from desktop.transfer.export.export import ExportFormat

    output = arguments.output
    form = ExportFormat(arguments.format) if arguments.format else _told_by_name(output)
    if output is not None and output.suffix.lower() == ".zip":
        if form not in (ExportFormat.JSON, ExportFormat.ZIP):
            raise UsageError(
                english("A zip archive contains JSON and the attached files."), hint=english("Leave --format out.")
            )
        return ExportFormat.ZIP
    if output is None and (form is ExportFormat.ZIP or form.is_paper):
        raise UsageError(
            phrase("{kind} exports require an output file.", kind=form.value.upper()),
            hint=english(f"Name one with --output NAME.{form.suffix}."),
        )
    return form


def _told_by_name(output: Path | None) -> ExportFormat:
    """Return the format implied by a file's name, or JSON if it implies none."""
    from desktop.transfer.export.export import ExportFormat

    suffix = output.suffix.lower().removeprefix(".") if output is not None else ""
    return next((form for form in ExportFormat if form.suffix == suffix), ExportFormat.JSON)


def is_letter(environ: Mapping[str, str]) -> bool:
    """Whether the locale uses US Letter paper."""
    named = next((each for name in ("LC_ALL", "LC_PAPER", "LANG") if (each := environ.get(name))), "")
    return named.partition(".")[0].endswith(("_US", "_CA"))


def _tell_of_unread(console: Console, titles: tuple[str, ...]) -> None:
    """Print which conversations are missing from the export."""
    if titles:
        console.note(f"Deleted or damaged, and not in it: {', '.join(titles)}.")


def _tell_of_files(console: Console, files: ExportedFiles | None, form: ExportFormat) -> None:
    """Print which attachments the export contains, and which no longer exist."""
    if files is not None and files.written:
        console.note(f"{count(files.written, 'attached file')} in it.")
        if form in ("json", "zip"):
            console.note("Photos are exported unchanged, including location and camera data.")
    for name in files.missing if files is not None else ():
        console.note(f"{name} is missing or damaged: only its name is exported.")


async def _tag(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    store = await services.store()
    conversations = [await store.conversations.get(id_) for id_ in arguments.ids]
    if not arguments.tag.strip():
        raise UsageError(english("A tag needs a name."))
    change = store.tags.remove if arguments.remove else store.tags.add
    await change([conversation.id for conversation in conversations], arguments.tag)
    if arguments.json:
        carried = await store.conversations.states([conversation.id for conversation in conversations])
        services.console.json([described(conversation) for conversation in carried.values()])
    else:
        done = "Removed tag from" if arguments.remove else "Tagged"
        for conversation in conversations:
            services.console.line(f"{done}: {conversation.title or conversation.id}")
    return 0


async def _delete(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    conversations = (await services.store()).conversations
    conversation = await conversations.get(arguments.id)
    if arguments.purge:
        await conversations.purge([conversation.id])
        prompts = {message.text for message in conversation.messages if message.role is Role.USER}
        prompt_lines.forget(services.paths.prompt_history_file, prompts)
    else:
        await conversations.trash([conversation.id])
    if arguments.json:
        services.console.json({"id": conversation.id, "state": "purged" if arguments.purge else "trashed"})
    else:
        where = "Deleted permanently" if arguments.purge else "Moved to the trash"
        services.console.line(f"{where}: {conversation.title or conversation.id}")
        if arguments.purge:
            services.console.note("Daily backups still contain it for up to seven days.")
    return 0


def print_conversation(console: Console, conversation: Conversation) -> None:
    """Print the current branch, each message under its author."""
    console.line(f"{conversation.title or 'Untitled'}")
    console.line(f"{model_text(conversation.model)} · {conversation.id}")
    if conversation.system:
        console.line(f"\nSystem:\n{conversation.system}")
    for message in conversation.path():
        print_message(console, message)


def print_message(console: Console, message: Message) -> None:
    """Print a message with its status, its problem and, on a terminal, its figures."""
    from desktop.pages.markdown_page import MARKS

    who = "You" if message.role is Role.USER else model_text(message.model) if message.model else message.role.value
    mark = f" ({MARKS[message.status]})" if message.status in MARKS else ""
    console.line(f"\n{who}{mark}:")
    for part in message.files:
        console.line(f"[Attached: {part.name or part.media_type}]")
    if message.text:
        console.write(message.text)
        console.end_line()
    if message.sources:
        console.line(f"\nSources:\n{message.sources}")
    for file in message.left_out:
        console.line(f"[{file.sentence}]")
    if message.problem is not None:
        console.line(f"[{message.problem.message}]")
    if console.fancy and (line := figures_line(message.figures, message.usage)):
        console.note(line)


def _when(summary: ConversationSummary | ComparisonSummary) -> str:
    return summary.updated_at.astimezone().strftime("%Y-%m-%d %H:%M")
