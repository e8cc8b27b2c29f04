"""Tools that are part of Paragone and need no network: the current time, and reading an attached file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from desktop.domain.message_parts import FilePart, ImagePart
from desktop.domain.tool_types import BUILT_IN, ToolInfo, ToolOutput
from desktop.text.phrases import english

_PAGE = 20_000
"""Maximum characters of an attached file that one call returns."""

TIME = ToolInfo(
    server=BUILT_IN,
    tool="current_time",
    title="Current time",
    description="Returns the current date and time, in UTC or in an IANA time zone such as Europe/Berlin.",
    schema={
        "type": "object",
        "properties": {"timezone": {"type": "string", "description": "IANA time zone; UTC if omitted"}},
        "additionalProperties": False,
    },
    read_only=True,
    destructive=False,
    idempotent=False,
    open_world=False,
)
READ_FILE = ToolInfo(
    server=BUILT_IN,
    tool="read_attached_file",
    title="Read an attached file",
    description="Returns the text of a file that is attached to this conversation, up to 20,000 characters at a time.",
    schema={
        "type": "object",
        "properties": {
            "name": {"type": "string", "description": "Name of the file"},
            "offset": {"type": "integer", "minimum": 0, "description": "Number of characters to skip; 0 if omitted"},
        },
        "required": ["name"],
        "additionalProperties": False,
    },
    read_only=True,
    destructive=False,
    idempotent=True,
    open_world=False,
)

Text = Callable[[ImagePart | FilePart], Awaitable[str | None]]
"""Returns the text of an attached file, or None if it has none."""


def built_in_tools(*, has_files: bool) -> tuple[ToolInfo, ...]:
    """Return the tools of Paragone that a conversation can use."""
    return (TIME, READ_FILE) if has_files else (TIME,)


async def run_built_in(
    tool: str,
    arguments: Mapping[str, object],
    files: tuple[ImagePart | FilePart, ...],
    text_of: Text,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> ToolOutput:
    """Run a tool of Paragone. Mistakes of the model are results with `is_error`."""
    if tool == TIME.tool:
        return _time(arguments, now())
    return await _read(arguments, files, text_of)


def _time(arguments: Mapping[str, object], at: datetime) -> ToolOutput:
    name = arguments.get("timezone")
    if not isinstance(name, str) or not name:
        return ToolOutput(text=at.isoformat(timespec="seconds"))
    try:
        return ToolOutput(text=at.astimezone(ZoneInfo(name)).isoformat(timespec="seconds"))
    except (ValueError, OSError, LookupError):
        return ToolOutput(text=english("There is no time zone of this name."), is_error=True)


async def _read(arguments: Mapping[str, object], files: tuple[ImagePart | FilePart, ...], text_of: Text) -> ToolOutput:
    name, offset = arguments.get("name"), arguments.get("offset")
    found = next((each for each in reversed(files) if each.name == name), None)
    text = await text_of(found) if found is not None else None
    if text is None:
        names = ", ".join(sorted({each.name for each in files}))
        return ToolOutput(text=f"No attached file of this name has text. Attached: {names}", is_error=True)
    start = offset if isinstance(offset, int) and offset > 0 else 0
    piece = text[start : start + _PAGE]
    rest = len(text) - start - len(piece)
    return ToolOutput(text=f"{piece}\n[{rest} more characters]" if rest > 0 else piece)
