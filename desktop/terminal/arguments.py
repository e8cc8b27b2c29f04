"""The command line: every command, option and its help."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

from desktop.comparison import MOST_PANES
from desktop.domain import LEAST_SECONDS, MOST_DAYS, MOST_SECONDS, Auth, Kind, Wire
from desktop.evaluation.volume_cost import MOST_TIMES, USUAL_TIMES
from desktop.terminal.batch_arguments import add_allow_parameters
from desktop.terminal.run_arguments import fill_run, fill_runs
from desktop.terminal.suites_arguments import fill_suites

MOST_PRIOR = 1e6
"""Imaginary battles of each model."""


def parser(version: str, words: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """The parser of the whole command line. It ends the program with status 2 at wrong use.

    Where the words are given that it will parse, only commands among them get their options: all of these take a
    fiftieth of a start to make.
    """
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--data-dir",
        type=Path,
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="keep settings, data, cache and logs below DIR (or below the variable PARAGONE_HOME)",
    )
    top = argparse.ArgumentParser(
        prog="paragone",
        description="Chat with language models and compare them side by side.",
        epilog="Without a command: the window, or without a display the terminal chat.",
        parents=[common],
    )
    top.add_argument("--version", action="version", version=f"Paragone {version}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    for name, (about, fill) in _commands().items():
        command = commands.add_parser(name, parents=[common], help=about)
        if words is None or name in words:
            fill(command, common)
    return top


def _commands() -> dict[str, tuple[str, Callable[[argparse.ArgumentParser, argparse.ArgumentParser], None]]]:
    """Each command by its name: what it is, and what gives it its options."""
    return {
        "chat": ("chat in the terminal", _chat),
        "ask": ("ask one or several models one question", _ask),
        "models": ("list what every connection serves", _models),
        "connections": ("list, add, test, remove", _connections),
        "conversations": ("list, show, search, export, import", _conversations),
        "storage": ("backups, moving, encryption", _storage),
        "votes": ("list, export, import, delete votes on answers", _votes),
        "ranking": ("which model your votes prefer, and how sure that is", _ranking),
        "run": ("ask models every prompt of a suite, and grade the answers", fill_run),
        "runs": ("list, show, resume, grade, report runs of suites", fill_runs),
        "suites": ("check suites, import those of other programs", fill_suites),
        "doctor": ("explain this machine and each connection", _doctor),
    }


def _doctor(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    del common
    _json(command)
    command.add_argument("--bundle", default="", metavar="FILE", help="also write a file for support, without secrets")


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
        help="send prompts that seem to hold a key or a card number all the same",
    )


def _chat(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    del common
    command.add_argument("--model", metavar="REF", help="connection/model; the settings' default without it")
    _prompting(command)
    _flagged(command)


def _ask(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    del common
    command.add_argument("--model", action="append", metavar="REF", help="connection/model; may be given several times")
    _prompting(command)
    _flagged(command)
    _json(command)
    command.add_argument(
        "--times",
        type=_times,
        default=1,
        metavar="N",
        help="ask each model N times, and say how far its answers lie from one another",
    )
    command.add_argument("--save", action="store_true", help="keep the conversation")
    command.add_argument(
        "--attach",
        action="append",
        default=[],
        metavar="FILE",
        help="a file for the models; may be repeated",
    )
    command.add_argument("prompt", metavar="PROMPT", help='the prompt; "-" reads it from standard input')


def _models(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    _json(command)
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=False)
    latency = actions.add_parser("latency", parents=[common], help="how long the answers took that are kept")
    latency.add_argument("--model", action="append", metavar="REF", help="of this one alone; may be repeated")
    latency.add_argument("--days", type=_past_days, metavar="N", help="of the last N days alone")
    latency.add_argument("--by-day", action="store_true", help="a row for each day below each model")
    latency.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON, days too")


def _connections(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    _json(actions.add_parser("list", parents=[common], help="list the connections"))
    add = actions.add_parser("add", parents=[common], help="add a connection; makes no call")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--kind", required=True, choices=[kind.value for kind in Kind])
    add.add_argument("--url", default="", help="the endpoint's address")
    add.add_argument("--file", default="", metavar="PATH", help="a GGUF file, for --kind embedded")
    add.add_argument("--auth", choices=[auth.value for auth in Auth], help="how it signs in (a key without this)")
    add.add_argument(
        "--tenant", default="", metavar="ID", help="of Entra ID, by id or domain; the account's without it"
    )
    add.add_argument(
        "--wire",
        default=Wire.AUTO.value,
        choices=[wire.value for wire in Wire],
        help="what its models are asked over; auto finds out",
    )
    _reaching(add)
    add.add_argument(
        "--keep-days",
        type=_days,
        metavar="N",
        help="keep its conversations for so many days at most; 0 for one run only",
    )
    add.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="MODEL",
        help="a model that it serves, where the server does not list it; may be repeated",
    )
    keys = add.add_mutually_exclusive_group()
    keys.add_argument("--key-stdin", action="store_true", help="read the key from standard input into the keyring")
    keys.add_argument("--key-env", default="", metavar="VARIABLE", help="read the key from this variable at each use")
    _json(add)
    key = actions.add_parser("key", parents=[common], help="read another key from standard input into the keyring")
    key.add_argument("name", metavar="NAME")
    _json(key)
    sign_in = actions.add_parser("sign-in", parents=[common], help="sign in with Entra ID, by the browser")
    sign_in.add_argument("name", metavar="NAME")
    sign_in.add_argument("--device-code", action="store_true", help="by a code that is typed on any device")
    _json(sign_in)
    sign_out = actions.add_parser("sign-out", parents=[common], help="forget the account that signed in")
    sign_out.add_argument("name", metavar="NAME")
    _json(sign_out)
    test = actions.add_parser("test", parents=[common], help="call the endpoint, list its models and ask one of them")
    test.add_argument("name", metavar="NAME")
    test.add_argument("--model", default="", metavar="MODEL", help="ask this one")
    _json(test)
    remove = actions.add_parser("remove", parents=[common], help="remove it and its key")
    remove.add_argument("name", metavar="NAME")
    _json(remove)


def _reaching(add: argparse.ArgumentParser) -> None:
    """How a connection's server is reached, where that differs from the settings."""
    add.add_argument(
        "--header",
        action="append",
        default=[],
        type=_header,
        metavar="NAME:VALUE",
        help="send this header too; may be given several times. What carries a key goes to the keyring, the others"
        " lie in the settings file",
    )
    for name, text in (
        ("--connect-timeout", "wait so long for a connection"),
        ("--first-token-timeout", "wait so long for an answer to begin"),
        ("--idle-timeout", "wait so long within an answer"),
    ):
        add.add_argument(name, type=_seconds, metavar="SECONDS", help=text)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise argparse.ArgumentTypeError("it takes NAME:VALUE")
    return name.strip(), value.strip()


def _seconds(text: str) -> float:
    with contextlib.suppress(ValueError):
        seconds = float(text)
        if LEAST_SECONDS <= seconds <= MOST_SECONDS:
            return seconds
    raise argparse.ArgumentTypeError(f"it takes a number from {LEAST_SECONDS:g} to {MOST_SECONDS:g}")


def _search(command: argparse.ArgumentParser) -> None:
    command.epilog = (
        'Filters can stand among the words too: model:grok from:2026-01 is:pinned has:code "an exact phrase"'
    )
    command.add_argument("text", metavar="TEXT", nargs="*", help="words; the last one may be the beginning of one")
    command.add_argument("--model", action="append", default=[], metavar="NAME", help="only of models of this name")
    command.add_argument("--connection", action="append", default=[], metavar="NAME", help="only of this connection")
    command.add_argument("--tag", action="append", default=[], metavar="TAG", help="only with this tag")
    command.add_argument("--since", metavar="DATE", help="only from this day, month or year on (2026-01-31, 2026-01)")
    command.add_argument("--until", metavar="DATE", help="only until the end of it")
    command.add_argument("--role", choices=["user", "assistant", "system"], help="only what this one said")
    command.add_argument("--pinned", action="store_true", help="only in conversations that are pinned")
    command.add_argument("--has-code", action="store_true", help="only messages with a block of code")
    command.add_argument("--limit", type=int, default=50, metavar="N", help="at most so many messages (50)")
    _json(command)


def _days(text: str) -> int:
    with contextlib.suppress(ValueError):
        days = int(text)
        if 0 <= days <= MOST_DAYS:
            return days
    raise argparse.ArgumentTypeError(f"it takes a whole number from 0 to {MOST_DAYS}")


def _whole(text: str, most: int) -> int:
    """A whole number from 1 on."""
    with contextlib.suppress(ValueError):
        if 1 <= (number := int(text)) <= most:
            return number
    raise argparse.ArgumentTypeError(f"it takes a whole number from 1 to {most}")


def _times(text: str) -> int:
    return _whole(text, MOST_PANES)


def _past_days(text: str) -> int:
    return _whole(text, MOST_DAYS)


def _volume(text: str) -> int:
    return _whole(text, MOST_TIMES)


def _conversations(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    listed = actions.add_parser("list", parents=[common], help="list the conversations, newest first")
    listed.add_argument("--comparisons", action="store_true", help="list the comparisons in their place")
    _json(listed)
    show = actions.add_parser("show", parents=[common], help="print one conversation")
    show.add_argument("id", metavar="ID", help="an id or its beginning")
    forms = ["json", "curl", "python"]
    show.add_argument(
        "--receipts", choices=forms, nargs="?", const="json", help="the request of each answer as it was sent"
    )
    _json(show)
    cost = actions.add_parser("cost", parents=[common], help="what it would cost again and again, by known prices")
    cost.add_argument("id", metavar="ID", help="of a conversation or a comparison")
    cost.add_argument("--times", type=_volume, default=USUAL_TIMES, metavar="N", help="how often (10,000 without this)")
    _json(cost)
    again = actions.add_parser("again", parents=[common], help="ask for an answer again, and say what differs")
    again.add_argument("id", metavar="MESSAGE-ID", help="of an answer, or its beginning: show --receipts has them")
    again.add_argument("--allow-flagged", action="store_true", help="also send what guards only flag")
    add_allow_parameters(again)
    _json(again)
    _search(actions.add_parser("search", parents=[common], help="find messages that hold all the words"))
    export = actions.add_parser("export", parents=[common], help="write conversations to a file")
    export.add_argument(
        "ids", metavar="ID", nargs="*", help="of a conversation or a comparison; one alone: side by side"
    )
    export.add_argument("--all", action="store_true", help="all conversations and comparisons but those in the trash")
    export.add_argument(
        "--format",
        choices=["json", "zip", "markdown", "html", "pdf", "docx"],
        help="what the name of the file ends in, or json, without this",
    )
    export.add_argument(
        "--all-branches", action="store_true", help="in formats for reading: other versions of messages too"
    )
    export.add_argument("--no-attachments", action="store_true", help="leave attached files out; messages name them")
    export.add_argument("--output", type=Path, metavar="PATH", help="a file, or NAME.zip; standard output without it")
    import_ = actions.add_parser("import", parents=[common], help="add conversations of other programs")
    import_.add_argument("files", metavar="FILE", nargs="*", type=Path, help="an export: a file, a zip or a folder")
    import_.add_argument("--dry-run", action="store_true", help="say what would be added, and change nothing")
    import_.add_argument("--undo", action="store_true", help="remove what the last import added")
    _json(import_)
    tag = actions.add_parser("tag", parents=[common], help="put a tag on conversations")
    tag.add_argument("tag", metavar="TAG")
    tag.add_argument("ids", metavar="ID", nargs="+", help="ids or their beginnings")
    tag.add_argument("--remove", action="store_true", help="take it off")
    _json(tag)
    delete = actions.add_parser("delete", parents=[common], help="move a conversation to the trash")
    delete.add_argument("id", metavar="ID")
    delete.add_argument("--purge", action="store_true", help="remove it for good")
    _json(delete)


def _votes(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    _json(actions.add_parser("list", parents=[common], help="list the votes, oldest first"))
    export = actions.add_parser("export", parents=[common], help="write them as JSON lines")
    export.add_argument("--output", type=Path, metavar="PATH", help="a file; standard output without it")
    _json(export)
    import_ = actions.add_parser("import", parents=[common], help="add votes of files, JSON lines or CSV")
    import_.add_argument("files", metavar="FILE", nargs="+", type=Path, help="JSON lines of ours, or an arena's CSV")
    _json(import_)
    delete = actions.add_parser("delete", parents=[common], help="remove a vote for good, or those of a file")
    which = delete.add_mutually_exclusive_group(required=True)
    which.add_argument("id", metavar="ID", nargs="?", help="its whole id")
    which.add_argument("--of", type=Path, metavar="FILE", help="all that stand in this file and were not given here")
    _json(delete)


def _ranking(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    del common
    command.add_argument(
        "--votes", type=Path, metavar="FILE", help="rank this file, CSV or JSON lines, not what is kept"
    )
    command.add_argument(
        "--ties", choices=["half", "davidson"], default="half", help="half a win for each, or an outcome of their own"
    )
    command.add_argument(
        "--prior",
        type=_prior,
        default=1.0,
        metavar="N",
        help="imaginary battles of each model against an average one, half won; 1 without this, 0 for none",
    )
    command.add_argument("--reference", metavar="NAME", help="log-worths relative to this model")
    command.add_argument("--position", action="store_true", help="also fit the effect of being shown first")
    command.add_argument(
        "--tag", action="append", default=[], metavar="TAG", help="only votes with this tag, or another that is given"
    )
    command.add_argument("--judge", metavar="NAME", help="only votes of this judge")
    command.add_argument(
        "--sighted", action="store_true", help="also count votes that were given in sight of the names"
    )
    command.add_argument(
        "--leave-named", action="store_true", help="without votes on answers that name a model or its maker"
    )
    command.add_argument(
        "--by", choices=["model", "contender"], default="model", help="contender: by parameters and system prompt too"
    )
    command.add_argument("--seed", type=int, default=0, metavar="N", help="of the resampling; 0 without this")
    _json(command)


def _prior(text: str) -> float:
    with contextlib.suppress(ValueError):
        prior = float(text)
        if 0 <= prior <= MOST_PRIOR:
            return prior
    raise argparse.ArgumentTypeError(f"it takes a number from 0 to {MOST_PRIOR:g}")


def _storage(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    _json(actions.add_parser("status", parents=[common], help="where conversations lie, and how safely"))
    _json(actions.add_parser("backups", parents=[common], help="list the backups, newest first"))
    restore = actions.add_parser("restore", parents=[common], help="put a backup in the place of what is there")
    restore.add_argument("file", metavar="FILE", nargs="?", type=Path, help="a backup; the newest one without it")
    restore.add_argument("--add", action="store_true", help="only bring back what is missing, and change nothing else")
    restore.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
    _yes(restore)
    _json(restore)
    move = actions.add_parser("move", parents=[common], help="move everything to another folder; the old one stays")
    move.add_argument("folder", metavar="DIR", type=Path, help="an empty folder, or one that is not there yet")
    _json(move)
    encrypt = actions.add_parser("encrypt", parents=[common], help="encrypt conversations; again for a new key")
    encrypt.add_argument("--new-code", action="store_true", help="keep the key, and get another recovery code for it")
    _yes(encrypt)
    _yes(actions.add_parser("decrypt", parents=[common], help="write conversations as plain files again"))
    actions.add_parser("index", parents=[common], help="bring the search up to date, as an open window does by itself")
    actions.add_parser("recover", parents=[common], help="open encrypted conversations by the recovery code")


def _yes(command: argparse.ArgumentParser) -> None:
    command.add_argument("--yes", action="store_true", help="do not ask")
