"""Files that are made to harm: the child refuses them in bounded time and memory, or ends, and the next one is read."""

from __future__ import annotations

import asyncio
import io
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest
from PIL import Image

from desktop.attachments import office_decoder, picture_decoder
from desktop.attachments.attachment_desk import AttachmentDesk
from desktop.attachments.decode_wire import Decoded, DecodeRefusal, DecodeRequest, Reason, encode
from desktop.attachments.decoder import DecodeLimits, Decoder
from desktop.attachments.media_kind import MediaKind
from desktop.errors import AttachmentRefused
from desktop.system.child_bounds import READY, framed
from desktop.system.child_process import ChildFailure, resident
from main import DECODE_SWITCH, child_command
from tests.desktop.attachments import made_files

GIANT = 30_000
"""Pixels of a side of a picture that is a few bytes."""


def giant_png() -> bytes:
    """A picture of 900 megapixels in a few hundred kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", GIANT, GIANT, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(1 << 20)))
        + chunk(b"IEND", b"")
    )


LAUGHS = (
    '<!DOCTYPE d [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)
OUTSIDE = '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("data", "name", "word"),
    [
        (giant_png(), "a.png", "too large"),
        (made_files.document(made_files.paragraph("&j;"), LAUGHS), "a.docx", "damaged"),
        (made_files.document(made_files.paragraph("&a;"), OUTSIDE), "a.docx", "damaged"),
        (
            made_files.packed({"word/document.xml": "x", **{f"{n}.xml": b"" for n in range(6_000)}}),
            "a.docx",
            "too large",
        ),
    ],
)
async def test_a_bomb_is_refused(desk: AttachmentDesk, data: bytes, name: str, word: str) -> None:
    async with asyncio.timeout(20):
        with pytest.raises(AttachmentRefused) as refused:
            await desk.take(data, name)
    assert word in refused.value.message
    assert (await desk.take(b"good", "b.txt")).decoded.text == "good"


def test_what_unpacks_to_more_than_is_taken_is_never_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_decoder, "MOST_UNPACKED", 10_000)
    with pytest.raises(Exception, match="too_large"):
        office_decoder.office(made_files.document(made_files.paragraph("x" * 20_000)))


def test_a_member_gives_no_more_than_it_says() -> None:
    """What is said to unpack to little and unpacks to much is damaged, not large."""
    packed = bytearray(made_files.document(made_files.paragraph("x" * 100_000)))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        size = archive.infolist()[0].file_size
    lying = bytes(packed).replace(struct.pack("<I", size), struct.pack("<I", 100))
    with pytest.raises(Exception, match="damaged"):
        office_decoder.office(lying)


def test_a_picture_of_more_pixels_than_are_taken_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_decoder, "MOST_PIXELS", 100)
    with pytest.raises(Exception, match="too_large"):
        picture_decoder.picture(made_files.photo(20, 20), 2_048)


def test_a_format_that_no_model_needs_is_not_even_tried() -> None:
    made = io.BytesIO()
    Image.new("RGB", (10, 10)).save(made, "TGA")
    with pytest.raises(Exception, match="damaged"):
        picture_decoder.picture(made.getvalue(), 2_048)


async def test_a_child_that_hangs_is_ended_and_the_next_file_read(tmp_path: Path) -> None:
    script = tmp_path / "child.py"
    script.write_text(
        f"import os, sys, time\nos.write(1, {READY!r})\n"
        "os.read(0, 10)\nopen(sys.argv[1], 'a').close()\ntime.sleep(60)\n"
    )
    began = tmp_path / "began"
    decoder = Decoder(["python3", str(script), str(began)], limits=DecodeLimits(file_s=0.5))
    try:
        reply = await decoder.decode(DecodeRequest(MediaKind.TEXT, "text/plain", "a", b"x", 1))
        assert began.exists()
        assert reply == DecodeRefusal(Reason.LATE, ChildFailure.LATE)
        assert decoder.pids == []
    finally:
        await decoder.aclose()


async def test_the_child_ends_when_it_is_idle_or_left() -> None:
    decoder = Decoder(child_command(DECODE_SWITCH), limits=DecodeLimits(idle_s=0.1))
    try:
        reply = await decoder.decode(DecodeRequest(MediaKind.TEXT, "text/plain", "a", b"x", 1))
        assert reply == Decoded(text="x", tokens=1)
        async with asyncio.timeout(10):
            while decoder.pids:  # noqa: ASYNC110 - a timer ends it
                await asyncio.sleep(0.02)
    finally:
        await decoder.aclose()


GREEDY = made_files.pdf(") Tj ET " + "q " * (8 << 20) + "BT (")
"""A page that saves the state of its drawing eight million times, which takes 1.4 GB; compressed it has 17 KB."""

UNBOUND = """
import resource, sys
resource.setrlimit = lambda *_: None
from desktop.attachments import decode_child
sys.exit(decode_child.main())
"""
"""The child where the system bounds no memory, as on macOS."""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows bounds its children by itself")
async def test_a_file_that_takes_too_much_memory_is_refused_where_the_system_bounds_none() -> None:
    decoder = Decoder([sys.executable, "-c", UNBOUND], limits=DecodeLimits(memory=300 << 20))
    request = DecodeRequest(MediaKind.PDF, "application/pdf", "a.pdf", GREEDY, 64)
    peak = 0
    try:
        task = asyncio.create_task(decoder.decode(request))
        while not task.done():
            peak = max(peak, *map(resident, decoder.pids), 0)
            await asyncio.sleep(0.005)
        assert task.result() == DecodeRefusal(Reason.TOO_LARGE, ChildFailure.MEMORY)
        assert decoder.pids == []
    finally:
        await decoder.aclose()
    assert peak < 600 << 20


SLOW = """
import os, sys, time
os.write(1, {ready!r})
while head := os.read(0, 4):
    if b"slow" in os.read(0, int.from_bytes(head, "big")):
        time.sleep(60)
    os.write(1, {done!r})
"""


async def test_a_slow_file_does_not_hold_up_the_others_and_can_be_cancelled() -> None:
    done = Decoded(text="x")
    decoder = Decoder([sys.executable, "-c", SLOW.format(ready=READY, done=framed(encode(done)))])
    slow, quick = (DecodeRequest(MediaKind.TEXT, "text/plain", "a", data, 1) for data in (b"slow", b"quick"))
    try:
        async with asyncio.timeout(15):
            held_up = asyncio.create_task(decoder.decode(slow))
            assert await asyncio.gather(decoder.decode(quick), decoder.decode(quick)) == [done, done]
            assert len(decoder.pids) == 2
            held_up.cancel()
            with pytest.raises(asyncio.CancelledError):
                await held_up
            assert len(decoder.pids) == 1
    finally:
        await decoder.aclose()


def test_spreadsheets_are_read_without_the_parser_that_documents_are_written_with() -> None:
    """Written by lxml, they would be read by it too, which knows no bounds."""
    code = (
        "import sys; from desktop.attachments.office_decoder import office;"
        "print('1927' in office(sys.stdin.buffer.read()).text, sys.modules['openpyxl'].LXML)"
    )
    done = subprocess.run([sys.executable, "-c", code], input=made_files.sheet([["x", 1927]]), stdout=subprocess.PIPE)
    assert done.stdout.split() == [b"True", b"False"]
