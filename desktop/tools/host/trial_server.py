"""Server of one tool over standard input and output, with which the self-test tries the host of tools."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import msgspec

TOOL = "echo"
_UNKNOWN_METHOD = -32601


class _Request(msgspec.Struct, frozen=True):
    method: str
    id: int | str | None = None
    params: Mapping[str, object] = {}


def main() -> int:
    """Serve until standard input ends."""
    for line in sys.stdin.buffer:
        request = msgspec.json.decode(line, type=_Request)
        if request.id is not None:
            reply = {"jsonrpc": "2.0", "id": request.id, **_reply(request)}
            sys.stdout.buffer.write(msgspec.json.encode(reply) + b"\n")
            sys.stdout.buffer.flush()
    return 0


def _reply(request: _Request) -> dict[str, object]:
    """Return the result of a request, or an error."""
    if request.method == "initialize":
        about = {"name": "trial", "version": "1"}
        version = request.params.get("protocolVersion")
        return {"result": {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": about}}
    if request.method == "tools/list":
        schema = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
        tool = {"name": TOOL, "description": "Returns the text.", "inputSchema": schema}
        return {"result": {"tools": [tool]}}
    if request.method == "tools/call":
        given = msgspec.convert(request.params.get("arguments", {}), dict[str, str])
        return {"result": {"content": [{"type": "text", "text": given.get("text", "")}]}}
    return {"error": {"code": _UNKNOWN_METHOD, "message": "Method not found"}}
