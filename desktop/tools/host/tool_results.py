"""Tools and results of the SDK as Paragone's values, within limits. Imported only by the host."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable

import mcp_types as types
import msgspec

from desktop.domain.conversation_types import JsonValue
from desktop.domain.tool_types import ToolImage, ToolInfo, ToolOutput
from desktop.tools.host.host_wire import (
    DEEPEST_SCHEMA,
    MOST_DESCRIPTION,
    MOST_IMAGE,
    MOST_IMAGES,
    MOST_NAME,
    MOST_SCHEMA,
    MOST_TOOLS,
)

_MOST_MEDIA_TYPE = 100


def accepted_tools(server: str, tools: Iterable[types.Tool]) -> tuple[tuple[ToolInfo, ...], int]:
    """Return the tools within the limits, and the number of the others. Of tools with one name the first counts."""
    accepted: dict[str, ToolInfo] = {}
    dropped = 0
    for tool in tools:
        info = _tool(server, tool) if len(accepted) < MOST_TOOLS and tool.name not in accepted else None
        if info is None:
            dropped += 1
        else:
            accepted[info.tool] = info
    return tuple(accepted.values()), dropped


def _tool(server: str, tool: types.Tool) -> ToolInfo | None:
    claims = tool.annotations or types.ToolAnnotations()
    title = tool.title or claims.title or ""
    description = tool.description or ""
    schema: dict[str, JsonValue] = tool.input_schema
    within = 0 < len(tool.name) <= MOST_NAME and len(title) <= MOST_DESCRIPTION and len(description) <= MOST_DESCRIPTION
    if not within or not is_bounded(schema):
        return None
    return ToolInfo(
        server=server,
        tool=_encodable(tool.name),
        title=_encodable(title),
        description=_encodable(description),
        schema=schema,
        read_only=claims.read_only_hint,
        destructive=claims.destructive_hint,
        idempotent=claims.idempotent_hint,
        open_world=claims.open_world_hint,
    )


def is_bounded(schema: object) -> bool:
    """Whether a JSON schema is within the limits of its size and depth."""
    level: list[object] = [schema]
    for _ in range(DEEPEST_SCHEMA + 1):
        if not level:
            break
        level = [inner for value in level for inner in _inside(value)]
    if level:
        return False
    try:
        return len(msgspec.json.encode(schema)) <= MOST_SCHEMA
    except (ValueError, TypeError, OverflowError):  # lone surrogates, numbers that JSON does not have
        return False


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return [*value.values()]  # pyright: ignore[reportUnknownVariableType]
    return [*value] if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]


def output_of(result: types.CallToolResult, most_bytes: int) -> ToolOutput:
    """Return a result: its texts joined, its images undecoded, and whether anything was cut."""
    texts: list[str] = []
    images: list[ToolImage] = []
    for block in result.content:
        image = _image(block)
        if image is None:
            texts.append(_text(block))
        elif isinstance(image, str):
            texts.append(image)
        elif len(images) < MOST_IMAGES:
            images.append(image)
        else:
            texts.append(f"[Image left out: more than {MOST_IMAGES} images]")
    text, cut = _limited("\n".join(texts), most_bytes)
    structured, lost = _structured(result.structured_content, most_bytes)
    return ToolOutput(text=text, is_error=result.is_error, structured=structured, images=tuple(images), cut=cut or lost)


def _text(block: types.ContentBlock) -> str:
    if isinstance(block, types.TextContent):
        return block.text
    if isinstance(block, types.ResourceLink):
        return f"{block.title or block.name}: {block.uri}" + (f"\n{block.description}" if block.description else "")
    if isinstance(block, types.EmbeddedResource):
        resource = block.resource
        if isinstance(resource, types.TextResourceContents):
            return resource.text
        return f"[Binary resource left out: {resource.uri}, {resource.mime_type or 'unknown type'}]"
    return "[Audio left out]"


def _image(block: types.ContentBlock) -> ToolImage | str | None:
    """Return an image, the line that replaces it, or None if the block is no image."""
    media_type, data = "", ""
    if isinstance(block, types.ImageContent):
        media_type, data = block.mime_type, block.data
    elif isinstance(block, types.EmbeddedResource) and isinstance(block.resource, types.BlobResourceContents):
        media_type, data = block.resource.mime_type or "", block.resource.blob
    if not media_type.startswith("image/"):
        return "[Image left out: its type is unknown]" if isinstance(block, types.ImageContent) else None
    if len(data) > (MOST_IMAGE + 2) // 3 * 4:
        return f"[Image left out: larger than {MOST_IMAGE >> 20} MB]"
    try:
        base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return "[Image left out: not valid base64]"
    return ToolImage(media_type=media_type[:_MOST_MEDIA_TYPE], data=data)


def _limited(text: str, most_bytes: int) -> tuple[str, bool]:
    text = _encodable(text).replace("\0", "\ufffd")
    if len(text) * 4 <= most_bytes:
        return text, False
    data = text.encode()
    return (data[:most_bytes].decode("utf-8", "ignore"), True) if len(data) > most_bytes else (text, False)


def _encodable(text: str) -> str:
    """Replace lone surrogates, which JSON can spell but UTF-8 cannot."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _structured(value: object, most_bytes: int) -> tuple[str, bool]:
    """Return a value as JSON text, and whether it was left out because it is too long or is no JSON."""
    if value is None:
        return "", False
    try:
        data = msgspec.json.encode(value)
    except (ValueError, TypeError, OverflowError, RecursionError):
        return "", True
    return ("", True) if len(data) > most_bytes else (data.decode(), False)
