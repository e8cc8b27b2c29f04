"""MCP server over stdio in the `initialize` era, without dependencies: echoes, counts, sleeps."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}}
TOOLS = [
    {"name": name, "description": text, "inputSchema": SCHEMA}
    for name, text in (
        ("echo", "Returns the text."),
        ("environ", "Returns the environment."),
        ("sleep", "Sleeps for `seconds`."),
        ("canceled", "Returns the number of canceled requests."),
    )
]
canceled: list[object] = []
lock = threading.Lock()


def send(message: dict[str, Any]) -> None:
    line = json.dumps({"jsonrpc": "2.0", **message})
    with lock:
        print(line, flush=True)


def text(value: str, **more: object) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": value}], **more}


def call(number: object, name: str, given: dict[str, Any]) -> None:
    if name == "echo":
        result = text(given.get("text", ""), structuredContent={"length": len(given.get("text", ""))})
    elif name == "environ":
        result = text(json.dumps({**os.environ, "cwd": str(Path.cwd())}))
    elif name == "canceled":
        result = text(str(len(canceled)))
    elif name == "sleep":
        time.sleep(float(given["seconds"]))
        result = text("slept")
    else:
        send({"id": number, "error": {"code": -32602, "message": f"Unknown tool: {name}"}})
        return
    send({"id": number, "result": result})


def main() -> None:
    for line in sys.stdin:
        message: dict[str, Any] = json.loads(line)
        number, method, given = message.get("id"), message.get("method"), message.get("params", {})
        if method == "initialize":
            info = {"name": "echo", "version": "1"}
            offered: dict[str, Any] = {"tools": {}}
            result = {"protocolVersion": given["protocolVersion"], "capabilities": offered, "serverInfo": info}
            send({"id": number, "result": result})
        elif method == "tools/list":
            send({"id": number, "result": {"tools": TOOLS}})
        elif method == "tools/call":
            words = (number, given["name"], given.get("arguments", {}))
            threading.Thread(target=call, args=words, daemon=True).start()
        elif method == "notifications/cancelled":
            canceled.append(given["requestId"])
        elif number is not None:
            send({"id": number, "error": {"code": -32601, "message": "Method not found"}})


if __name__ == "__main__":
    main()
