"""Command-line parser: all commands, their options and their help."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

from desktop.domain.comparison import MOST_PANES
from desktop.domain.conversation_types import LEAST_SECONDS, MOST_DAYS, MOST_SECONDS, Auth, Kind, Wire
from desktop.metrics.volume_cost import MOST_TIMES, USUAL_TIMES
from desktop.terminal.batch_arguments import add_allow_parameters
from desktop.terminal.run_arguments import fill_run, fill_runs
from desktop.terminal.successor_arguments import fill_successor
from desktop.terminal.tools_arguments import add_tool_options, fill_tools


def fill_suites(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Add the actions of `suites`."""
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    check = actions.add_parser("check", parents=[common], help="check suite files")
    check.add_argument("file", metavar="FILE", type=Path, help="a suite as YAML or TOML")
    import_ = actions.add_parser("import", parents=[common], help="convert files of other programs to suites")
    import_.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        type=Path,
        help="promptfoo's YAML or CSV, MT-Bench questions, or data as JSON Lines or CSV: of OpenAI evals, Inspect, "
        "Azure AI Foundry, chat messages, or any with --map",
    )
    import_.add_argument(
        "--dry-run", action="store_true", help="report what would be imported, without writing anything"
    )
    import_.add_argument(
        "--output", type=Path, metavar="PATH", help="write the suite to PATH instead of beside the file"
    )
    import_.add_argument(
        "--map",
        default="",
        metavar="ROLE=COLUMN,...",
        help="which column is what, for example input=question,target=answer; roles: input, target, system, context, "
        "choices, id, tags",
    )
    import_.add_argument(
        "--grader",
        default="",
        metavar="TYPE",
        help="type of the graders that compare with expected answers, for example equals, similarity or judge; "
        "default: icontains",
    )
    for action in (check, import_):
        action.add_argument("--json", action="store_true", help="print JSON")
    actions.add_parser("schema", parents=[common], help="print the JSON Schema of suites, for editors")


MOST_PRIOR = 1e6
"""Maximum number of virtual battles per model."""


def parser(version: str, words: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """Return the parser of the whole command line, which exits with status 2 on invalid usage.

    Args:
        version: Version of Paragone.
        words: Words to parse. If given, only the commands among them get their options, because building all
            options
            takes 2% of the startup time.
    """
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--data-dir",
        type=Path,
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="store settings, data, cache and logs in DIR (or in the directory that PARAGONE_HOME names)",
    )
    top = argparse.ArgumentParser(
        prog="paragone",
        description="Chat with language models and compare them side by side.",
        epilog="Without a command, Paragone opens its window, or the terminal chat if there is no display.",
        parents=[common],
    )
    top.add_argument(
        "--toggle", action="store_true", help="bring the window to the front, or minimize it if it is active"
    )
    top.add_argument(
        "--selftest",
        action="store_true",
        help="test what an installed program needs, in a temporary folder (in DIR with --data-dir), and quit",
    )
    top.add_argument("--version", action="version", version=f"Paragone {version}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    for name, (about, fill) in _commands().items():
        command = commands.add_parser(name, parents=[common], help=about)
        if words is None or name in words:
            fill(command, common)
    return top


def _commands() -> dict[str, tuple[str, Callable[[argparse.ArgumentParser, argparse.ArgumentParser], None]]]:
    """Return the description of each command and the function that adds its options, by name."""
    return {
        "chat": ("chat in the terminal", _chat),
        "ask": ("send a prompt to one or more models", _ask),
        "models": ("list the models of all connections", _models),
        "connections": ("list, add, test, remove", _connections),
        "tools": ("list, add, test and allow tool servers (MCP)", fill_tools),
        "conversations": ("list, show, search, export, import", _conversations),
        "storage": ("backups, moving, encryption", _storage),
        "votes": ("list, export, import and delete votes", _votes),
        "ranking": ("rank models by your votes, with confidence intervals", _ranking),
        "run": ("send the prompts of a suite to models, and grade the responses", fill_run),
        "runs": ("list, show, resume, grade and report runs", fill_runs),
        "successor": ("compare a successor with a model you used, on your own conversations", fill_successor),
        "suites": ("check suites, and import them from other programs", fill_suites),
        "policies": ("list the policies of your organization, and try a policy file", _policies),
        "updates": ("check whether there is a newer version; nothing is installed", _updates),
        "doctor": ("check this computer and every connection", _doctor),
    }


def _doctor(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    del common
    _json(command)
    command.add_argument("--bundle", default="", metavar="FILE", help="also write a support file, without secrets")


def _updates(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    del common
    _json(command)


def _policies(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    del common
    _json(command)
    command.add_argument(
        "--file",
        type=Path,
        metavar="FILE",
        help="show what this JSON file of policies would change on this computer, without installing it",
    )
    command.add_argument(
        "--recommended", action="store_true", help="try the file as recommended, not as managed policies"
    )


def _json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print JSON")


def _prompting(command: argparse.ArgumentParser) -> None:
    command.add_argument("--system", metavar="TEXT", help="the system prompt")
    command.add_argument(
        "--param", action="append", default=[], metavar="NAME=VALUE", help="a parameter, for example temperature=0.7"
    )


def _flagged(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--allow-flagged",
        action="store_true",
        help="send prompts even if they seem to contain a key or a card number",
    )


def _chat(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    del common
    command.add_argument("--model", metavar="REF", help="connection/model; default: the model set in the settings")
    _prompting(command)
    _flagged(command)
    add_tool_options(command, asks=True)


def _ask(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    del common
    command.add_argument("--model", action="append", metavar="REF", help="connection/model; may be repeated")
    _prompting(command)
    _flagged(command)
    _json(command)
    command.add_argument(
        "--times",
        type=_times,
        default=1,
        metavar="N",
        help="ask each model N times, and report how much its responses vary",
    )
    command.add_argument("--save", action="store_true", help="save the conversation")
    command.add_argument(
        "--attach",
        action="append",
        default=[],
        metavar="FILE",
        help="attach a file; may be repeated",
    )
    add_tool_options(command, asks=False)
    command.add_argument("prompt", metavar="PROMPT", help='the prompt; "-" reads it from standard input')


def _models(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    _json(command)
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=False)
    latency = actions.add_parser("latency", parents=[common], help="latency of the saved responses")
    latency.add_argument("--model", action="append", metavar="REF", help="only this model; may be repeated")
    latency.add_argument("--days", type=_past_days, metavar="N", help="only the last N days")
    latency.add_argument("--by-day", action="store_true", help="one row per model and day")
    latency.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON, including days")


def _connections(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    _json(actions.add_parser("list", parents=[common], help="list the connections"))
    add = actions.add_parser("add", parents=[common], help="add a connection; nothing is sent")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--kind", required=True, choices=[kind.value for kind in Kind])
    add.add_argument("--url", default="", help="the endpoint's address")
    add.add_argument("--file", default="", metavar="PATH", help="a GGUF file, for --kind embedded")
    add.add_argument("--auth", choices=[auth.value for auth in Auth], help="authentication (default: key)")
    add.add_argument(
        "--tenant", default="", metavar="ID", help="Entra ID tenant, as ID or domain; default: the account's own"
    )
    add.add_argument(
        "--wire",
        default=Wire.AUTO.value,
        choices=[wire.value for wire in Wire],
        help="API format; auto detects it",
    )
    _reaching(add)
    add.add_argument(
        "--keep-days",
        type=_days,
        metavar="N",
        help="keep conversations for at most this many days; 0: until the program ends",
    )
    add.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="MODEL",
        help="a model that the server does not list; may be repeated",
    )
    keys = add.add_mutually_exclusive_group()
    keys.add_argument(
        "--key-stdin", action="store_true", help="read the key from standard input and store it in the keyring"
    )
    keys.add_argument(
        "--key-env", default="", metavar="VARIABLE", help="read the key from this environment variable each time"
    )
    _json(add)
    key = actions.add_parser(
        "key", parents=[common], help="read a new key from standard input and store it in the keyring"
    )
    key.add_argument("name", metavar="NAME")
    _json(key)
    sign_in = actions.add_parser("sign-in", parents=[common], help="sign in with Entra ID, using the browser")
    sign_in.add_argument("name", metavar="NAME")
    sign_in.add_argument("--device-code", action="store_true", help="use a code that you enter on any device")
    _json(sign_in)
    sign_out = actions.add_parser("sign-out", parents=[common], help="sign out")
    sign_out.add_argument("name", metavar="NAME")
    _json(sign_out)
    test = actions.add_parser("test", parents=[common], help="call the endpoint, list its models, and ask one of them")
    test.add_argument("name", metavar="NAME")
    test.add_argument("--model", default="", metavar="MODEL", help="ask this model")
    _json(test)
    remove = actions.add_parser("remove", parents=[common], help="remove a connection and its key")
    remove.add_argument("name", metavar="NAME")
    _json(remove)


def _reaching(add: argparse.ArgumentParser) -> None:
    """Add options that change how a connection's server is reached."""
    add.add_argument(
        "--header",
        action="append",
        default=[],
        type=_header,
        metavar="NAME:VALUE",
        help=(
            "send this header with every request; may be repeated. Values with keys are stored in the "
            "keyring, others in the settings file"
        ),
    )
    for name, text in (
        ("--connect-timeout", "connection timeout"),
        ("--first-token-timeout", "timeout until a response begins"),
        ("--idle-timeout", "timeout without data within a response"),
    ):
        add.add_argument(name, type=_seconds, metavar="SECONDS", help=text)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise argparse.ArgumentTypeError("must be NAME:VALUE")
    return name.strip(), value.strip()


def _seconds(text: str) -> float:
    with contextlib.suppress(ValueError):
        seconds = float(text)
        if LEAST_SECONDS <= seconds <= MOST_SECONDS:
            return seconds
    raise argparse.ArgumentTypeError(f"must be a number from {LEAST_SECONDS:g} to {MOST_SECONDS:g}")


def _search(command: argparse.ArgumentParser) -> None:
    command.epilog = 'Words may include filters: model:grok from:2026-01 is:pinned has:code "an exact phrase"'
    command.add_argument("text", metavar="TEXT", nargs="*", help="words; the last one may be incomplete")
    command.add_argument("--model", action="append", default=[], metavar="NAME", help="only models with this name")
    command.add_argument("--connection", action="append", default=[], metavar="NAME", help="only this connection")
    command.add_argument("--tag", action="append", default=[], metavar="TAG", help="only with this tag")
    command.add_argument("--since", metavar="DATE", help="only from this day, month or year (2026-01-31, 2026-01)")
    command.add_argument("--until", metavar="DATE", help="only until the end of this day, month or year")
    command.add_argument("--role", choices=["user", "assistant", "system"], help="only messages by this author")
    command.add_argument("--pinned", action="store_true", help="only pinned conversations")
    command.add_argument("--has-code", action="store_true", help="only messages with code blocks")
    command.add_argument("--limit", type=int, default=50, metavar="N", help="maximum number of messages (default: 50)")
    _json(command)


def _days(text: str) -> int:
    with contextlib.suppress(ValueError):
        days = int(text)
        if 0 <= days <= MOST_DAYS:
            return days
    raise argparse.ArgumentTypeError(f"must be a whole number from 0 to {MOST_DAYS}")


def _whole(text: str, most: int) -> int:
    """Return an integer from 1 to `most`."""
    with contextlib.suppress(ValueError):
        if 1 <= (number := int(text)) <= most:
            return number
    raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {most}")


def _times(text: str) -> int:
    return _whole(text, MOST_PANES)


def _past_days(text: str) -> int:
    return _whole(text, MOST_DAYS)


def _volume(text: str) -> int:
    return _whole(text, MOST_TIMES)


def _conversations(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    listed = actions.add_parser("list", parents=[common], help="list the conversations, newest first")
    listed.add_argument("--comparisons", action="store_true", help="list comparisons instead")
    _json(listed)
    show = actions.add_parser("show", parents=[common], help="print one conversation")
    show.add_argument("id", metavar="ID", help="an ID or its beginning")
    forms = ["json", "curl", "python"]
    show.add_argument(
        "--receipts", choices=forms, nargs="?", const="json", help="include the request of each response as it was sent"
    )
    _json(show)
    cost = actions.add_parser("cost", parents=[common], help="cost of repeating a conversation, at list prices")
    cost.add_argument("id", metavar="ID", help="ID of a conversation or a comparison")
    cost.add_argument(
        "--times", type=_volume, default=USUAL_TIMES, metavar="N", help="number of repeats (default: 10,000)"
    )
    _json(cost)
    again = actions.add_parser("again", parents=[common], help="repeat a request, and report what changed")
    again.add_argument("id", metavar="MESSAGE-ID", help="ID of a response, or its beginning; see show --receipts")
    again.add_argument("--allow-flagged", action="store_true", help="also send prompts that guards flag")
    add_allow_parameters(again)
    _json(again)
    _search(actions.add_parser("search", parents=[common], help="find messages that contain all words"))
    export = actions.add_parser("export", parents=[common], help="export conversations to a file")
    export.add_argument(
        "ids",
        metavar="ID",
        nargs="*",
        help="IDs of conversations or comparisons; a single comparison is exported side by side",
    )
    export.add_argument(
        "--all", action="store_true", help="all conversations and comparisons except those in the trash"
    )
    export.add_argument(
        "--format",
        choices=["json", "zip", "markdown", "html", "pdf", "docx"],
        help="what the name of the file ends in, or json, without this",
    )
    export.add_argument(
        "--all-branches", action="store_true", help="in formats for reading: other versions of messages too"
    )
    export.add_argument("--no-attachments", action="store_true", help="leave out attached files; messages name them")
    export.add_argument("--output", type=Path, metavar="PATH", help="a file, or NAME.zip; default: standard output")
    import_ = actions.add_parser("import", parents=[common], help="import conversations from other programs")
    import_.add_argument(
        "files", metavar="FILE", nargs="*", type=Path, help="an export: a file, a zip archive or a folder"
    )
    import_.add_argument(
        "--dry-run", action="store_true", help="report what would be imported, without changing anything"
    )
    import_.add_argument("--undo", action="store_true", help="remove the last import")
    _json(import_)
    tag = actions.add_parser("tag", parents=[common], help="add a tag to conversations")
    tag.add_argument("tag", metavar="TAG")
    tag.add_argument("ids", metavar="ID", nargs="+", help="IDs or their beginnings")
    tag.add_argument("--remove", action="store_true", help="remove the tag")
    _json(tag)
    delete = actions.add_parser("delete", parents=[common], help="move a conversation to the trash")
    delete.add_argument("id", metavar="ID")
    delete.add_argument("--purge", action="store_true", help="delete permanently")
    _json(delete)


def _votes(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    _json(actions.add_parser("list", parents=[common], help="list the votes, oldest first"))
    export = actions.add_parser("export", parents=[common], help="export votes as JSON lines")
    export.add_argument("--output", type=Path, metavar="PATH", help="a file; default: standard output")
    _json(export)
    import_ = actions.add_parser("import", parents=[common], help="import votes from files, as JSON lines or CSV")
    import_.add_argument(
        "files", metavar="FILE", nargs="+", type=Path, help="JSON lines by Paragone, or a CSV file of an arena"
    )
    _json(import_)
    delete = actions.add_parser("delete", parents=[common], help="delete a vote permanently, or all votes of a file")
    which = delete.add_mutually_exclusive_group(required=True)
    which.add_argument("id", metavar="ID", nargs="?", help="the complete ID")
    which.add_argument(
        "--of", type=Path, metavar="FILE", help="all votes that are in this file and were not given here"
    )
    _json(delete)


def _ranking(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    del common
    command.add_argument(
        "--votes", type=Path, metavar="FILE", help="rank this file (CSV or JSON lines) instead of the saved votes"
    )
    command.add_argument(
        "--ties",
        choices=["half", "davidson"],
        default="half",
        help="count ties as half a win each, or as an outcome of their own",
    )
    command.add_argument(
        "--prior",
        type=_prior,
        default=1.0,
        metavar="N",
        help="prior: virtual ties per model against an average one; default: 1, 0 for none",
    )
    command.add_argument("--reference", metavar="NAME", help="scores relative to this model")
    command.add_argument("--position", action="store_true", help="also estimate position bias")
    command.add_argument(
        "--tag", action="append", default=[], metavar="TAG", help="only votes with this tag; may be repeated"
    )
    command.add_argument("--judge", metavar="NAME", help="only votes by this judge")
    command.add_argument("--sighted", action="store_true", help="include votes given with model names visible")
    command.add_argument(
        "--leave-named", action="store_true", help="exclude votes on responses that name a model or its publisher"
    )
    command.add_argument(
        "--by",
        choices=["model", "contender"],
        default="model",
        help="contender: separate parameters and system prompts",
    )
    command.add_argument("--seed", type=int, default=0, metavar="N", help="seed of the resampling; default: 0")
    _json(command)


def _prior(text: str) -> float:
    with contextlib.suppress(ValueError):
        prior = float(text)
        if 0 <= prior <= MOST_PRIOR:
            return prior
    raise argparse.ArgumentTypeError(f"must be a number from 0 to {MOST_PRIOR:g}")


def _storage(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    _json(actions.add_parser("status", parents=[common], help="where conversations are stored, and how"))
    _json(actions.add_parser("backups", parents=[common], help="list the backups, newest first"))
    restore = actions.add_parser("restore", parents=[common], help="replace the current conversations with a backup")
    restore.add_argument("file", metavar="FILE", nargs="?", type=Path, help="a backup; default: the newest one")
    restore.add_argument("--add", action="store_true", help="only restore missing conversations")
    restore.add_argument("--dry-run", action="store_true", help="report what would change, without changing anything")
    _yes(restore)
    _json(restore)
    move = actions.add_parser("move", parents=[common], help="move everything to another folder; the old one is kept")
    move.add_argument("folder", metavar="DIR", type=Path, help="an empty folder, or one that does not exist yet")
    _json(move)
    encrypt = actions.add_parser("encrypt", parents=[common], help="encrypt conversations; run again for a new key")
    encrypt.add_argument("--new-code", action="store_true", help="keep the key, and create a new recovery code")
    _yes(encrypt)
    _yes(actions.add_parser("decrypt", parents=[common], help="decrypt conversations"))
    actions.add_parser("index", parents=[common], help="update the search index, as an open window does")
    actions.add_parser("recover", parents=[common], help="open encrypted conversations with the recovery code")


def _yes(command: argparse.ArgumentParser) -> None:
    command.add_argument("--yes", action="store_true", help="do not ask for confirmation")
