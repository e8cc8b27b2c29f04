"""A receipt's request, run again by other programs, is to the byte what was sent."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from contextlib import aclosing
from pathlib import Path

import pytest

from desktop.domain import Connection, Kind
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


async def test_a_request_that_was_tried_again_tells_why(server: FaultServer) -> None:
    provider = make_of(Connection(name="c", kind=Kind.OPENAI_V1, url=server.url))
    writer = ReceiptWriter(request("fail-first:503:2"), ())
    async with aclosing(provider.stream(request("fail-first:503:2"))) as events:
        async for event in events:
            writer.takes(event)
    await provider.aclose()
    assert writer.receipt is not None
    assert [bool(each.reason) for each in writer.receipt.tries] == [True, True]
