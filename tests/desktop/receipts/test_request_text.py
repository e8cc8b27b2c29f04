"""A receipt's request, run again by other programs, is to the byte what was sent."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from contextlib import aclosing
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop.domain.conversation_types import Connection, Kind
from desktop.receipts.receipt import Receipt
from desktop.receipts.request_text import RequestForm, request_text
from desktop.session.receipt_writer import ReceiptWriter
from tests.desktop.providers.asking import KEY, ask, make_of, request
from tests.servers.faults import FaultServer

ODD = "It's \"quoted\" `so` $HOME \\ % €\n'end' " * 3


async def sent(server: FaultServer, text: str) -> tuple[Receipt, bytes]:
    """The receipt of an answer to a text, and what the server received."""
    provider = make_of(Connection(name="c", kind=Kind.OPENAI_V1, url=server.url))
    outcome = await ask(provider, "plain", text, temperature=0.5)
    await provider.aclose()
    writer = ReceiptWriter(request("plain", text), ())
    for event in (*outcome.sent, *outcome.events):
        writer.takes(event)
    assert writer.receipt is not None
    return writer.receipt, server.requests[-1].body


@pytest.mark.parametrize("form", [RequestForm.CURL, RequestForm.PYTHON])
@pytest.mark.parametrize("text", ["hi", ODD, ODD * 1_500])
async def test_what_is_sent_again_by_its_text_is_the_same(
    server: FaultServer, tmp_path: Path, form: RequestForm, text: str
) -> None:
    shell = shutil.which("sh")
    if form is RequestForm.CURL and (shell is None or shutil.which("curl") is None):
        pytest.skip("there is no curl here")
    receipt, first = await sent(server, text)
    assert receipt.body.encode() == first
    assert KEY not in str(receipt)
    file = tmp_path / "request"
    file.write_text(request_text(receipt, receipt.body.encode(), form), "utf-8")
    program = sys.executable if form is RequestForm.PYTHON else shell
    assert program is not None
    running = await asyncio.create_subprocess_exec(
        program, str(file), env={**os.environ, "PARAGONE_KEY": KEY}, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await running.communicate()
    assert b"[DONE]" in said
    again = server.requests[-1]
    assert again is not server.requests[-2]
    assert again.body == first
    assert again.headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.skipif(shutil.which("sh") is None or shutil.which("curl") is None, reason="there is no curl here")
async def test_the_key_is_filled_in_before_letters_too(server: FaultServer, tmp_path: Path) -> None:
    receipt, first = await sent(server, "hi")
    within = replace(
        receipt, url=f"{receipt.url}?key=$PARAGONE_KEYz", headers={**receipt.headers, "x-odd": "a$PARAGONE_KEY_b"}
    )
    assert "[DONE]" in await run("sh", request_text(within, first, RequestForm.CURL), tmp_path / "request.sh")
    assert server.requests[-1].query == {"key": f"{KEY}z"}
    assert server.requests[-1].headers["x-odd"] == f"a{KEY}_b"


async def run(program: str, text: str, file: Path) -> str:
    """What a program says to a text that it is given as a file, with the key in its surroundings."""
    file.write_text(text, "utf-8")  # noqa: ASYNC240 - a few bytes
    surroundings = {**os.environ, "PARAGONE_KEY": KEY}
    pipe = asyncio.subprocess.PIPE
    running = await asyncio.create_subprocess_exec(program, str(file), env=surroundings, stdout=pipe, stderr=pipe)
    said, wrong = await running.communicate()
    return (said + wrong).decode()


async def test_python_takes_the_key_to_no_other_server(server: FaultServer, tmp_path: Path) -> None:
    receipt, first = await sent(server, "hi")
    moved = first.replace(b'"plain"', f'"moved:{server.url}/elsewhere"'.encode())
    before = len(server.requests)
    said = await run(sys.executable, request_text(receipt, moved, RequestForm.PYTHON), tmp_path / "request.py")
    assert "HTTPError" in said
    assert len(server.requests) == before + 1


@pytest.mark.skipif(shutil.which("sh") is None or shutil.which("curl") is None, reason="there is no curl here")
@pytest.mark.parametrize("length", [10, 120_000])
async def test_no_body_of_a_forged_receipt_is_run(server: FaultServer, tmp_path: Path, length: int) -> None:
    receipt, _ = await sent(server, "hi")
    made = tmp_path / "made"
    ends = "".join(f"\n{word}\ntouch {made}\n" for word in ("PARAGONE", "PARAGONE_HEADERS", "'"))
    forged = replace(receipt, headers={**receipt.headers, "x-odd": f"$PARAGONE_KEY\nPARAGONE_HEADERS\ntouch {made}"})
    text = request_text(forged, f"{'a' * length}{ends}".encode(), RequestForm.CURL)
    await run("sh", text, tmp_path / "request.sh")
    assert not made.exists()


@pytest.mark.parametrize("length", [10, 120_000])
async def test_no_list_of_processes_has_the_key(server: FaultServer, length: int) -> None:
    receipt, _ = await sent(server, "hi")
    text = request_text(receipt, b"a" * length, RequestForm.CURL)
    command, _, filled = text.partition(" 3<<PARAGONE_HEADERS")
    assert "PARAGONE_KEY" not in command
    assert "authorization: Bearer ${PARAGONE_KEY}\n" in filled


async def test_a_request_that_was_tried_again_tells_why(server: FaultServer) -> None:
    provider = make_of(Connection(name="c", kind=Kind.OPENAI_V1, url=server.url))
    writer = ReceiptWriter(request("fail-first:503:2"), ())
    async with aclosing(provider.stream(request("fail-first:503:2"))) as events:
        async for event in events:
            writer.takes(event)
    await provider.aclose()
    assert writer.receipt is not None
    assert [bool(each.reason) for each in writer.receipt.tries] == [True, True]
