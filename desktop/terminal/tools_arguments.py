"""Arguments of `tools`, and the options with which `ask` and `chat` use tools."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path

from desktop.domain.tool_types import ToolAuth


def fill_tools(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Add the actions of `tools`."""
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    _json(actions.add_parser("list", parents=[common], help="list the tool servers; starts nothing"))
    _add(actions.add_parser("add", parents=[common], help="add a tool server; starts nothing"))
    for name, about in (
        ("show", "show a tool server, its tools and your decisions; starts nothing"),
        ("test", "start or call a tool server, and list its tools"),
        ("sign-in", "sign in at a tool server, using the browser"),
        ("sign-out", "delete the sign-in at a tool server"),
        ("remove", "remove a tool server, its secrets and your decisions"),
    ):
        action = actions.add_parser(name, parents=[common], help=about)
        action.add_argument("name", metavar="NAME")
        _json(action)
    _import(
        actions.add_parser("import", parents=[common], help="add the tool servers of a configuration; starts nothing")
    )
    for name, about in (
        ("allow", "always allow a tool, or all tools of a server, until the server changes"),
        ("deny", "always deny a tool, or all tools of a server"),
        ("forget", "ask again about a tool, or about all tools of a server"),
    ):
        action = actions.add_parser(name, parents=[common], help=about)
        action.add_argument("tool", metavar="NAME[/TOOL]", help="a server, or one of its tools")
        _json(action)


def add_tool_options(command: argparse.ArgumentParser, *, asks: bool) -> None:
    """Add the options of `ask` and `chat`. `asks` is whether the command asks about calls that are not allowed."""
    command.add_argument(
        "--tools",
        default="",
        metavar="NAME[,NAME]",
        help='tool servers that the model may use; "paragone" offers the built-in tools',
    )
    denied = "others are asked about" if asks else "others are denied"
    command.add_argument(
        "--allow",
        action="append",
        default=[],
        metavar="NAME[/TOOL]",
        help=f'allow calls of a server or a tool; "all" allows all; may be repeated; {denied}',
    )
    command.add_argument("--web-search", action="store_true", help="let the model's provider search the web")
    command.add_argument("--schema", type=Path, metavar="FILE", help="JSON Schema that the response must match")


def _add(add: argparse.ArgumentParser) -> None:
    add.epilog = "A value that begins with a hyphen follows an equals sign: --arg=--verbose"
    add.add_argument("name", metavar="NAME")
    how = add.add_mutually_exclusive_group(required=True)
    how.add_argument("--command", dest="program", default="", metavar="COMMAND", help="the program to run")
    how.add_argument("--url", default="", help="the address of a server that is reached over HTTP")
    add.add_argument(
        "--arg", action="append", default=[], metavar="A", help="an argument of the program; may be repeated"
    )
    add.add_argument(
        "--env",
        action="append",
        default=[],
        type=_variable,
        metavar="K=V",
        help="an environment variable of the program, stored in a file; may be repeated",
    )
    add.add_argument(
        "--secret-env",
        action="append",
        default=[],
        metavar="K",
        help="an environment variable whose value is stored in the keyring; may be repeated",
    )
    add.add_argument("--folder", default="", metavar="DIR", help="the program's working directory; default: your home")
    add.add_argument(
        "--auth", choices=[auth.value for auth in ToolAuth], help="authentication at the address (default: none)"
    )
    add.add_argument(
        "--key-stdin", action="store_true", help="read the key from standard input and store it in the keyring"
    )
    add.add_argument(
        "--header",
        action="append",
        default=[],
        type=_variable,
        metavar="K=V",
        help="an HTTP header, stored in a file; may be repeated",
    )
    add.add_argument(
        "--secret-header",
        action="append",
        default=[],
        metavar="K",
        help="an HTTP header whose value is stored in the keyring; may be repeated",
    )
    add.add_argument("--timeout", type=_seconds, metavar="SECONDS", help="maximum duration of a call")
    _json(add)


def _import(import_: argparse.ArgumentParser) -> None:
    import_.add_argument("file", metavar="FILE", help='JSON with "mcpServers"; "-" reads standard input')
    import_.add_argument("--dry-run", action="store_true", help="show the servers, without storing anything")
    import_.add_argument("--replace", action="store_true", help="replace servers of the same name")
    _json(import_)


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise argparse.ArgumentTypeError("must be NAME=VALUE")
    return name.strip(), value


def _seconds(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 1 <= (seconds := float(text)) <= 3600:
            return seconds
    raise argparse.ArgumentTypeError("must be a number from 1 to 3600")


def _json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print JSON")
