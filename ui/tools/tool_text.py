"""Sentences about tool servers and their tools. Untrusted texts are bounded, and invisible characters are shown."""

from __future__ import annotations

import unicodedata

from desktop.domain.tool_types import BUILT_IN, ToolInfo, ToolServer
from desktop.text.phrases import bounded, phrase
from desktop.tools.consent import ToolChange
from desktop.tools.server_file import ToolSettings
from ui.base.strings import tr, trn
from ui.transcript.message.tool_card import indented

_LONGEST_NAME = 120
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories of characters that are invisible or change the order of what is shown."""

GROUNDING = phrase(
    "Grounding with Bing: data leaves the compliance and geographic boundary, and the data protection addendum does "
    "not apply."
)


def one_line(text: str, longest: int = _LONGEST_NAME) -> str:
    """Return an untrusted name or title as one short line."""
    line = visible(" ".join(text.split()))
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def visible(text: str) -> str:
    """Return a text with invisible and reordering characters written as JSON escapes; line ends and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(sign) for sign in text)


def _escaped(sign: str) -> str:
    if sign in "\n\t" or unicodedata.category(sign) not in _HIDDEN:
        return sign
    code = ord(sign)
    if code > 0xFFFF:
        code -= 0x10000
        return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
    return f"\\u{code:04x}"


def shown_arguments(arguments: str) -> str:
    """Return all of a call's arguments, one value on a line. Repeated keys and the spelling of numbers stay."""
    return visible(indented(arguments or "{}").strip("\n"))


def description(text: str) -> str:
    """Return a server's text about itself, bounded."""
    return bounded(visible(text.strip()))


def tool_name(info: ToolInfo) -> str:
    """Return the server and the tool, such as "time › get_current_time"."""
    server = tr("Paragone") if info.server == BUILT_IN else one_line(info.server)
    return f"{server} › {one_line(info.tool)}"


def claims_text(info: ToolInfo) -> str:
    """Return what a server says about a tool, marked as its claim; empty if it says nothing."""
    said: list[str] = []
    if info.read_only:
        said.append(tr("read-only"))
    elif info.destructive:
        said.append(tr("may delete or overwrite"))
    elif info.read_only is False:
        said.append(tr("changes data"))
    if info.idempotent and not info.read_only:
        said.append(tr("repeating it has no further effect"))
    if info.open_world is not None:
        said.append(tr("reaches the outside world") if info.open_world else tr("stays within its own data"))
    return tr("The server says: {claims}", claims=", ".join(said)) if said else ""


def change_text(change: ToolChange) -> str:
    """Return what a server changed since the user allowed it."""
    lines = (
        (tr("New tools: {names}"), change.added),
        (tr("Removed tools: {names}"), change.removed),
        (tr("Changed tools: {names}"), change.changed),
    )
    said = [
        template.format(names=bounded(", ".join(one_line(name, 60) for name in names)))
        for template, names in lines
        if names
    ]
    return " · ".join(said) or tr("The command, the address or the environment is another one.")


def source_text(server: ToolServer) -> str:
    """Return the complete command line or address of a server."""
    if server.url:
        return visible(server.url)
    return visible(" ".join(_quoted(word) for word in server.command))


def _quoted(word: str) -> str:
    return f'"{word}"' if not word or any(sign.isspace() for sign in word) else word


def state_text(settings: ToolSettings, name: str) -> str:
    """Return how many tools a server listed last, or that it was never started."""
    seen = settings.seen.get(name)
    if seen is None:
        return tr("Not started yet")
    return trn("{n} tool", "{n} tools", len(seen.tools))
