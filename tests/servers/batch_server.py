"""A loopback server with the Batch API that Foundry documents, as strict as it is, beside all of the fault server.

The word at the end of a prompt says what becomes of its line: `missing` has none, `refused` is a 400 of the content
filter, `long` and `filtered` are cut, `broken` is a line that is no JSON; anything else is echoed.
"""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

from tests.servers.faults import FaultServer, _signed_in
from tests.servers.http1 import Exchange

STATES = ("Validating", "in_progress", "Finalizing", "Completed")
"""Of a job at each look, in odd case as servers have it."""

_PART = re.compile(
    rb'Content-Disposition: form-data; name="(\w+)"(?:; filename="([^"]+)")?\r\n(?:Content-Type: (\S+)\r\n)?'
)
_ROUTE = re.compile(r"(?:/openai)?/v1/(files|batches)(?:/([^/]+))?(?:/(content|cancel))?")


class BatchServer(FaultServer):
    """`files` and `batches` are what it has, by id. Each look at a job takes it one of `states` on.

    `lost` names what is carried out and never answered (`upload`, `begin`), once each;
    `refuses` are routes that answer 400.
    """

    def __init__(self, *, key: str = "", states: tuple[str, ...] = STATES, port: int = 0) -> None:
        super().__init__(key=key, port=port)
        self.states = states
        self.files: dict[str, dict[str, Any]] = {}
        self.contents: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.deleted: list[str] = []
        self.lost: set[str] = set()
        self.stalled: set[str] = set()
        """What is carried out and answered only once somebody goes away, once each."""
        self.refuses: set[str] = set()
        self.denied = ""
        """The beginning of paths at which no key is taken."""
        self.foreign = False
        """Whether an output holds an answer that nobody asked for."""
        self.page = 100
        self.first = "pending"
        """The state of a file that has just come."""

    @property
    def azure(self) -> str:
        """The address of the v1 route as Azure has it."""
        return f"{self.origin}/openai/v1"

    def lines(self, file_id: str) -> list[dict[str, Any]]:
        """What is in a file."""
        return [json.loads(line) for line in self.contents[file_id].splitlines()]

    async def _answer(self, x: Exchange) -> None:
        found = _ROUTE.fullmatch(x.request.path)
        if found is None:
            await super()._answer(x)
            return
        route, named, action = found.groups()
        if (self.denied and x.request.path.startswith(self.denied)) or (
            self.key and not _signed_in(x.request, self.key)
        ):
            await x.respond(
                401, {"error": {"code": "401", "message": "Access denied due to invalid subscription key."}}
            )
        elif f"{x.request.method} {route}" in self.refuses:
            await x.respond(400, {"error": {"code": "BadRequest", "message": "Not today."}})
        elif route == "files":
            await self._on_files(x, named, action)
        else:
            await self._on_batches(x, named, action)

    async def _on_files(self, x: Exchange, named: str | None, action: str | None) -> None:
        method = x.request.method
        if named is None:
            if method == "POST":
                await self._upload(x)
            else:
                await self._list(x, self.files, purpose=x.request.query.get("purpose"))
        elif named not in self.files:
            await x.respond(404, {"error": {"code": "404", "message": f"No such File object: {named}"}})
        elif method == "DELETE":
            self.deleted.append(named)
            del self.files[named], self.contents[named]
            await x.respond(200, {"object": "file", "id": named, "deleted": True})
        elif action == "content":
            await x.respond(200, self.contents[named], content_type="application/octet-stream")
        else:
            before = self.files[named]["status"]
            self.files[named]["status"] = {"pending": "running"}.get(before, "processed")
            await x.respond(200, self.files[named])

    async def _upload(self, x: Exchange) -> None:
        kind = x.request.headers["content-type"]
        boundary = kind.partition("multipart/form-data; boundary=")[2].encode()
        fields: dict[str, tuple[str, str, bytes]] = {}
        for part in x.request.body.split(b"--" + boundary)[1:-1]:
            head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
            told = _PART.fullmatch(head + b"\r\n")
            assert told is not None, head
            name, file, media = (each.decode() if each else "" for each in told.groups())
            fields[name] = (file, media, content.removesuffix(b"\r\n"))
        if fields.get("purpose", ("", "", b""))[2] != b"batch" or "file" not in fields:
            await x.respond(400, {"error": {"code": "invalidPayload", "message": "purpose and file are required"}})
            return
        name, _, content = fields["file"]
        made = self._new_file(name, content, self.first)
        await self._reply(x, "upload", 201, made)

    def _new_file(self, name: str, content: bytes, status: str, purpose: str = "batch") -> dict[str, Any]:
        made: dict[str, Any] = {
            "status": status,
            "bytes": len(content),
            "purpose": purpose,
            "filename": name,
            "id": f"file-{uuid4().hex}",
            "created_at": 1_730_723_835,
            "object": "file",
        }
        self.files[made["id"]] = made
        self.contents[made["id"]] = content
        return made

    async def _on_batches(self, x: Exchange, named: str | None, action: str | None) -> None:
        if named is None and x.request.method == "POST":
            await self._begin(x)
        elif named is None:
            await self._list(x, self.batches)
        elif named not in self.batches:
            await x.respond(404, {"error": {"code": "404", "message": f"No batch found with id '{named}'."}})
        elif action == "cancel":
            self.batches[named]["status"] = "Cancelling"
            await x.respond(200, self.batches[named])
        else:
            self._go_on(self.batches[named])
            await x.respond(200, self.batches[named])

    async def _begin(self, x: Exchange) -> None:
        asked = x.request.json
        file = self.files.get(asked["input_file_id"])
        if file is None or file["status"] != "processed" or asked["completion_window"] != "24h":
            await x.respond(400, {"error": {"code": "invalidPayload", "message": "The input file is not ready."}})
            return
        made: dict[str, Any] = {
            "cancelled_at": None,
            "cancelling_at": None,
            "completed_at": None,
            "completion_window": "24h",
            "created_at": 1_730_723_900,
            "error_file_id": "",
            "expired_at": None,
            "expires_at": 1_730_810_300,
            "failed_at": None,
            "finalizing_at": None,
            "id": f"batch_{uuid4()}",
            "in_progress_at": None,
            "input_file_id": file["id"],
            "errors": None,
            "metadata": None,
            "object": "batch",
            "output_file_id": "",
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
            "status": self.states[0],
            "endpoint": asked["endpoint"],
        }
        self.batches[made["id"]] = made
        if problem := self._invalid(made, azure=x.request.path.startswith("/openai/")):
            made["status"] = "Failed"
            made["errors"] = {"object": "list", "data": [{"code": "bad_line", "message": problem, "line": 1}]}
        await self._reply(x, "begin", 200, made)

    def _invalid(self, batch: dict[str, Any], *, azure: bool) -> str:
        """What is wrong with the file of a job."""
        if self.contents[batch["input_file_id"]].startswith(b"\xef\xbb\xbf"):
            return "A byte order mark."
        lines = self.lines(batch["input_file_id"])
        urls = {each["url"] for each in lines}
        bodies = [each["body"] for each in lines]
        chat = "/chat/completions" if azure else "/v1/chat/completions"
        endpoint = {"/v1/chat/completions": chat}.get(next(iter(urls)), next(iter(urls)))
        if len(urls) != 1 or len({each["model"] for each in bodies}) != 1:
            return "Several deployments or urls."
        if batch["endpoint"] != endpoint:
            return "The endpoint does not match."
        if len({each["custom_id"] for each in lines}) != len(lines) or any(each["method"] != "POST" for each in lines):
            return "Names that occur twice, or another method."
        return (
            "Streams are not supported." if any({"stream", "stream_options"} & each.keys() for each in bodies) else ""
        )

    def _go_on(self, batch: dict[str, Any]) -> None:
        status = batch["status"].lower()
        if status in {"completed", "failed", "expired", "cancelled"}:
            return
        if status == "cancelling":
            self._end(batch, "Cancelled", half=True)
            return
        place = self.states.index(batch["status"]) + 1
        if place >= len(self.states):
            return
        batch["status"] = self.states[place]
        if batch["status"].lower() in {"completed", "expired"}:
            self._end(batch, batch["status"], half=batch["status"].lower() == "expired")

    def _end(self, batch: dict[str, Any], status: str, *, half: bool) -> None:
        lines = self.lines(batch["input_file_id"])
        done = lines[: len(lines) // 2] if half else lines
        output, errors = b"", b""
        for line in reversed(done):
            text = _prompt(line["body"]).rpartition(" ")[2]
            if text == "missing":
                continue
            if text == "broken":
                output += b"{half a line\n"
                continue
            told = json.dumps(_result(line, text)).encode() + b"\n"
            output, errors = (output, errors + told) if text == "refused" else (output + told, errors)
        for line in lines[len(done) :]:
            code = f"batch_{status.lower()}"
            error = {
                "code": code,
                "message": "This request could not be executed before the completion window expired.",
            }
            errors += json.dumps({"id": "x", "custom_id": line["custom_id"], "response": None, "error": error}).encode()
            errors += b"\n"
        if self.foreign:
            output += json.dumps(_result({**lines[0], "custom_id": "9-9-9"}, "foreign")).encode() + b"\n"
        batch["status"] = status
        batch["request_counts"] = {"total": len(lines), "completed": len(done), "failed": len(lines) - len(done)}
        batch["output_file_id"] = self._new_file("output.jsonl", output, "processed", "batch_output")["id"]
        if errors:
            batch["error_file_id"] = self._new_file("error.jsonl", errors, "processed", "batch_output")["id"]

    async def _list(self, x: Exchange, held: dict[str, Any] | None = None, purpose: str | None = None) -> None:
        if held is None:
            await super()._list(x)
            return
        data = [each for each in held.values() if purpose in (None, each.get("purpose"))]
        after, most = x.request.query.get("after"), min(int(x.request.query.get("limit", "20")), self.page)
        start = next((place + 1 for place, each in enumerate(data) if each["id"] == after), 0)
        page = data[start : start + most]
        more = start + most < len(data)
        await x.respond(200, {"object": "list", "data": page, "has_more": more})

    async def _reply(self, x: Exchange, what: str, status: int, value: dict[str, Any]) -> None:
        if what in self.stalled:
            self.stalled.discard(what)
            await x.request.gone.wait()
        if what in self.lost:
            self.lost.discard(what)
            x.reset()
            return
        await x.respond(status, value)


def _prompt(body: dict[str, Any]) -> str:
    return str((body.get("messages") or body["input"])[-1]["content"])


def _result(line: dict[str, Any], word: str) -> dict[str, Any]:
    """A line of an output or an error file."""
    told: dict[str, Any] = {"custom_id": line["custom_id"], "id": f"batch_req_{uuid4()}", "error": None}
    if word == "refused":
        problem = {"code": "content_filter", "message": "The response was filtered.", "status": 400}
        return {**told, "response": {"status_code": 400, "request_id": "r", "body": {"error": problem}}}
    body = _responses(line["body"]) if line["url"] == "/v1/responses" else _chat(line["body"], word)
    return {**told, "response": {"status_code": 200, "request_id": "r-1", "body": body}}


def _chat(body: dict[str, Any], word: str) -> dict[str, Any]:
    reason = {"long": "length", "filtered": "content_filter"}.get(word, "stop")
    said = {"role": "assistant", "content": f"You said: {_prompt(body)}", "refusal": None}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_730_723_900,
        "model": body["model"],
        "choices": [{"index": 0, "message": said, "finish_reason": reason, "logprobs": None}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 20},
        "system_fingerprint": "fp_1",
    }


def _responses(body: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {"type": "output_text", "text": f"You said: {_prompt(body)}", "annotations": []}
    return {
        "id": "resp_1",
        "object": "response",
        "status": "completed",
        "model": body["model"],
        "output": [{"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [said]}],
        "usage": {"input_tokens": 10, "output_tokens": 10, "total_tokens": 20},
    }
