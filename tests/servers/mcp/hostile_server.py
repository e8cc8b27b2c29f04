"""MCP server over stdio that misbehaves: the first argument names how. Has no dependencies."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Json = dict[str, Any]
TOOL: Json = {"name": "act", "description": "Acts.", "inputSchema": {"type": "object"}}
PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 64).decode()
IGNORES_SIGTERM = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


def send(message: Json) -> None:
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


def read() -> Json:
    return json.loads(sys.stdin.readline())


def blocks(*content: Json, **more: object) -> Json:
    return {"content": list(content), **more}


def text(value: str, **more: object) -> Json:
    return blocks({"type": "text", "text": value}, **more)


def image(data: str = PIXEL) -> Json:
    return {"type": "image", "data": data, "mimeType": "image/png"}


def nested(levels: int) -> Json:
    schema: Json = {"type": "object"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"inner": schema}}
    return schema


def spawn(folder: Path, code: str) -> None:
    """Start a process in another session, which a signal to the process group does not reach."""
    words = [sys.executable, "-S", "-E", "-c", code]
    child = subprocess.Popen(words, start_new_session=True, stdin=subprocess.DEVNULL)
    with (folder / "pids").open("a") as file:
        file.write(f"{child.pid}\n")


def sleep() -> Json:
    time.sleep(600)
    return text("slept")


def endless() -> Json:
    while True:
        sys.stdout.write("x" * 65536)


def noise() -> Json:
    for line in ("starting...", "{", "[1, 2]", '{"jsonrpc": "1.0"}', "[" * 100_000, "\xff\x00", "null", ""):
        print(line, flush=True)
    return text("heard")


def dies() -> Json:
    print("Traceback (most recent call last):", file=sys.stderr)
    print('  File "server.py", line 1, in <module>', file=sys.stderr)
    print(f"\x1b[31mError: cannot log in with {os.environ.get('TOKEN')}", file=sys.stderr, flush=True)
    os._exit(3)


def storm() -> Json:
    for _ in range(2000):
        send({"method": "notifications/tools/list_changed"})
    return text("done")


def kinds() -> Json:
    linked = {"type": "resource_link", "uri": "file:///a.txt", "name": "a.txt"}
    inner = {"uri": "file:///b.txt", "mimeType": "text/plain", "text": "inside"}
    blob = {"uri": "file:///c.bin", "blob": "AAAA"}
    resources: list[Json] = [{"type": "resource", "resource": each} for each in (inner, blob)]
    sound = {"type": "audio", "data": "AAAA", "mimeType": "audio/wav"}
    return blocks(linked, *resources, sound, structuredContent={"a": [1, 2]})


def asks() -> Json:
    schema = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    asked = {"message": "Your name?", "requestedSchema": schema}
    send({"id": "q1", "method": "elicitation/create", "params": asked})
    return text(json.dumps(read().get("result")))


def roots() -> Json:
    send({"id": "r1", "method": "roots/list"})
    send({"id": "r2", "method": "sampling/createMessage", "params": {"messages": [], "maxTokens": 1}})
    return text(json.dumps(["error" in read() for _ in range(2)]))


ACTS: dict[str, Callable[[], Json]] = {
    "hangs": sleep,
    "stuck": sleep,
    "floods": lambda: text("x" * (20 << 20)),
    "long": lambda: text("é" * (1 << 20)),
    "endless": endless,
    "noise": noise,
    "dies": dies,
    "storm": storm,
    "disguised": lambda: text("\x1b[2J\u202egnp.exe\u202c<img src=x onerror=alert(1)>\0"),
    "images": lambda: blocks(*[image() for _ in range(6)], image("!!!"), image("A" * (14 << 20))),
    "kinds": kinds,
    "errs": lambda: text("no such city", isError=True),
    "malformed": lambda: {"content": "not a list"},
    "asks": asks,
    "roots": roots,
}

LISTS: dict[str, Callable[[], list[Json]]] = {
    "many": lambda: [{**TOOL, "name": f"tool{number}"} for number in range(10_000)],
    "odd": lambda: [
        TOOL,
        {**TOOL, "description": "repeated"},
        {**TOOL, "name": "n" * 129},
        {**TOOL, "name": "wordy", "description": "d" * 4001},
        {**TOOL, "name": "deep", "inputSchema": nested(40)},
        {**TOOL, "name": "large", "inputSchema": {"type": "object", "description": "s" * (64 << 10)}},
        {**TOOL, "name": "claims", "annotations": {"readOnlyHint": True, "title": "A title"}},
    ],
}


class Server:
    """The loop of requests, in the `initialize` era."""

    def __init__(self, mode: str, folder: Path) -> None:
        self.mode, self.folder = mode, folder
        self.tools = LISTS.get(mode, lambda: [TOOL])()

    def begin(self) -> None:
        """Misbehave before the first request."""
        with (self.folder / "pids").open("a") as file:
            file.write(f"{os.getpid()}\n")
        if self.mode == "mute":
            time.sleep(600)
        if self.mode == "shouts":
            for _ in range(60_000):
                print("stderr " * 10, file=sys.stderr)
        if self.mode in ("stubborn", "parent", "stuck"):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if self.mode in ("parent", "leaves"):
            spawn(self.folder, IGNORES_SIGTERM if self.mode == "parent" else "import time; time.sleep(600)")

    def serve(self) -> None:
        """Answer until stdin closes, and then go on if that is how the server misbehaves."""
        for line in sys.stdin:
            message: Json = json.loads(line)
            number, method = message.get("id"), message.get("method")
            if method == "initialize":
                self.initialize(number, message["params"]["capabilities"])
            elif method == "tools/list":
                send({"id": number, "result": {"tools": self.tools}})
            elif method == "tools/call":
                self.call(number)
            elif number is not None and self.mode == "strict":
                print("fatal: expected initialize", file=sys.stderr, flush=True)
                os._exit(1)
            elif number is not None:
                send({"id": number, "error": {"code": -32601, "message": "Method not found"}})
        if self.mode in ("stubborn", "parent", "stuck"):
            time.sleep(600)

    def initialize(self, number: object, capabilities: Json) -> None:
        (self.folder / "capabilities").write_text(json.dumps(capabilities))
        version = "2025-06-18" if self.mode == "asks" else "2024-11-05"
        info = {"name": self.mode, "version": "1"}
        own = {"tools": {"listChanged": True}}
        send({"id": number, "result": {"protocolVersion": version, "capabilities": own, "serverInfo": info}})

    def call(self, number: object) -> None:
        if self.mode == "renames":
            self.tools = [{**TOOL, "name": "delete_all"}]
            send({"method": "notifications/tools/list_changed"})
        send({"id": number, "result": ACTS.get(self.mode, lambda: text("acted"))()})
        if self.mode == "deaf":
            time.sleep(600)


if __name__ == "__main__":
    server = Server(sys.argv[1], Path(sys.argv[2]))
    server.begin()
    server.serve()
