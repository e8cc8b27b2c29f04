"""Questions of tool servers to the user: an address to open, or a form that is filled in line by line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast
from urllib.parse import urlsplit

import msgspec

from desktop.domain.conversation_types import JsonValue
from desktop.terminal.console import Console
from desktop.terminal.prompt_lines import Prompts
from desktop.terminal.tool_lines import one_line, visible
from desktop.tools.host.host_wire import ElicitAction, Elicitation, ElicitationAnswer

_MOST_FIELDS = 20
_DECLINED = ElicitationAnswer(action=ElicitAction.DECLINE)


def tell_question(console: Console, question: Elicitation) -> None:
    """Print what a server asks. Its address is printed in full and never opened."""
    console.note(f"The tool server {one_line(question.server)} asks:\n{visible(question.message)}")
    if not question.url:
        console.note("Enter no passwords or keys: the server receives everything that you type.")
        return
    console.note(f"It wants you to open this address:\n{visible(question.url)}")
    try:
        host = urlsplit(question.url).hostname or ""
    except ValueError:
        host = ""
    console.note(f"It leads to the server {visible(host) or '(unknown)'}.")
    if not host.isascii() or "xn--" in host:
        console.note("The name contains characters that may look like others. Check it carefully.")


async def filled_in(console: Console, source: Prompts, question: Elicitation) -> ElicitationAnswer:
    """Return the user's answer; the end of the input declines."""
    if question.url:
        said = await _is_agreed(source, "[y] I opened it  [n] decline > ")
        return ElicitationAnswer(action=ElicitAction.ACCEPT) if said else _DECLINED
    if not await _is_agreed(source, "[y] answer  [n] decline > "):
        return _DECLINED
    values: dict[str, JsonValue] = {}
    fields, required = _fields(question.schema)
    for name, field in fields.items():
        while True:
            line = await source.answer(f"{_title(name, field, is_required=name in required)} > ")
            if line is None:
                return _DECLINED
            if not line.strip() and name not in required:
                break
            value, problem = _value(line.strip(), field)
            if not problem:
                values[name] = value
                break
            console.note(problem)
    return ElicitationAnswer(action=ElicitAction.ACCEPT, content=msgspec.json.encode(values).decode())


async def _is_agreed(source: Prompts, menu: str) -> bool:
    line = await source.answer(menu)
    return (line or "").strip().casefold() in ("y", "yes")


def _fields(schema: str) -> tuple[Mapping[str, Mapping[str, object]], frozenset[str]]:
    """Return the fields of a form and the names of the required ones."""
    try:
        value = msgspec.json.decode(schema or "{}", type=dict[str, object])
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return {}, frozenset()
    listed, required = value.get("properties"), value.get("required")
    if not isinstance(listed, dict):
        return {}, frozenset()
    fields = {
        name: cast("dict[str, object]", each)
        for name, each in list(cast("dict[str, object]", listed).items())[:_MOST_FIELDS]
        if isinstance(each, dict)
    }
    names = cast("list[object]", required) if isinstance(required, list) else []
    return fields, frozenset(each for each in names if isinstance(each, str))


def _title(name: str, field: Mapping[str, object], *, is_required: bool) -> str:
    title = field.get("title") or field.get("description") or name
    choices = field.get("enum")
    listed = f" ({', '.join(map(str, cast('list[object]', choices)[:50]))})" if isinstance(choices, list) else ""
    return one_line(f"{title}{listed}{'' if is_required else ' [optional]'}")


def _value(line: str, field: Mapping[str, object]) -> tuple[JsonValue, str]:
    """Return a line as a value of a field's type, or why it is none."""
    kind, choices = field.get("type"), field.get("enum")
    if isinstance(choices, list) and line not in cast("list[object]", choices):
        return None, "Enter one of the listed values."
    if kind == "boolean":
        word = line.casefold()
        return (word in ("y", "yes", "true"), "") if word in ("y", "yes", "true", "n", "no", "false") else (None, "y/n")
    if kind in ("integer", "number"):
        try:
            return (int(line) if kind == "integer" else float(line)), ""
        except ValueError:
            return None, "Enter a number."
    return line, "" if line else "Enter a value."
