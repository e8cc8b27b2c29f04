"""MCP server over stdio whose tool returns the number of its calls, which it counts in a file across restarts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import echo_server  # pyright: ignore[reportMissingImports] - beside it


def call(number: object, name: str, given: dict[str, Any]) -> None:
    """Answer with the text and the number of calls so far."""
    del name
    path = Path(sys.argv[1])
    with path.open("a") as file:
        file.write("x\n")
    calls = len(path.read_text().splitlines())
    echo_server.send({"id": number, "result": echo_server.text(f"{given.get('text', '')}{calls}")})


echo_server.TOOLS[:] = [
    {"name": "count", "description": "Returns the number of its calls.", "inputSchema": echo_server.SCHEMA}
]
echo_server.call = call
echo_server.main()
