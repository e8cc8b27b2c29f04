"""MCP server over stdio in the `initialize` era, without dependencies: echoes, counts, sleeps."""

import json
import os
import sys
import threading
import time

TOOLS = [
    {"name": name, "description": text, "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}}}
    for name, text in (
        ("echo", "Returns the text."),
        ("environ", "Returns the environment."),
        ("sleep", "Sleeps for `seconds`."),
        ("canceled", "Returns the number of canceled requests."),
    )
]
canceled = []
lock = threading.Lock()


def send(message):
    line = json.dumps({"jsonrpc": "2.0", **message})
    with lock:
        print(line, flush=True)


def text(value, **more):
    return {"content": [{"type": "text", "text": value}], **more}


def call(number, name, given):
    if name == "echo":
        result = text(given.get("text", ""), structuredContent={"length": len(given.get("text", ""))})
    elif name == "environ":
        result = text(json.dumps({**os.environ, "cwd": os.getcwd()}))
    elif name == "canceled":
        result = text(str(len(canceled)))
    elif name == "sleep":
        time.sleep(float(given["seconds"]))
        result = text("slept")
    else:
        send({"id": number, "error": {"code": -32602, "message": f"Unknown tool: {name}"}})
        return
    send({"id": number, "result": result})


def main():
    for line in sys.stdin:
        message = json.loads(line)
        number, method, given = message.get("id"), message.get("method"), message.get("params") or {}
        if method == "initialize":
            info = {"name": "echo", "version": "1"}
            version = given["protocolVersion"]
            send({"id": number, "result": {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": info}})
        elif method == "tools/list":
            send({"id": number, "result": {"tools": TOOLS}})
        elif method == "tools/call":
            words = (number, given["name"], given.get("arguments") or {})
            threading.Thread(target=call, args=words, daemon=True).start()
        elif method == "notifications/cancelled":
            canceled.append(given["requestId"])
        elif number is not None:
            send({"id": number, "error": {"code": -32601, "message": "Method not found"}})


if __name__ == "__main__":
    main()
