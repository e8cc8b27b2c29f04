"""Attached files: from bytes to a tile, a long PDF's text, memory that a great file leaves, pictures for all panes."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from desktop.attachments.attachment import Attachment
from desktop.attachments.attachment_desk import AttachmentDesk
from desktop.attachments.decoder import Decoder
from desktop.attachments.sent_forms import Taken
from desktop.domain.conversation_types import Message, Role, Status, new_id, now
from desktop.session.prompt_files import DigestedText, PromptFiles
from desktop.store.files.attached_files import AttachedFiles
from desktop.store.store import Store
from main import DECODE_SWITCH, child_command
from tests.bench.bench_window import row
from tests.desktop.attachments import made_files

_MEGAPIXELS_12 = (4_000, 3_000)
_PAGES = 300
_LINE = "What the contract says of page {number} in words that fill a line of it."


def measure() -> list[dict[str, object]]:
    """All figures of attachments.md; the loop's longest stall counts for the window."""
    with TemporaryDirectory() as folder:
        return asyncio.run(_measured(Path(folder)))


async def _measured(folder: Path) -> list[dict[str, object]]:
    photo = made_files.photo(*_MEGAPIXELS_12)
    document = made_files.pdf(*(_LINE.format(number=number) for number in range(_PAGES)))
    async with _desk(folder) as desk:
        cold = await _timed(desk, photo, "photo.jpg")
        warm = [await _timed(desk, photo + bytes(number + 1), "photo.jpg") for number in range(5)]
        pages: list[int] = []
        stall = asyncio.create_task(_longest_stall())
        start = time.perf_counter()
        read = await desk.take(document, "contract.pdf", lambda done, _of: pages.append(done))
        took = time.perf_counter() - start
        assert read.decoded.pages == _PAGES
        stall.cancel()
        longest = await stall
        before = _resident()
        await desk.take(b"a line of a log\n" * ((50 << 20) // 16), "great.log")
        gc.collect()  # as the window does now and then
        left = _resident() - before
        encoded = await _encoded(desk, [await desk.take(photo + bytes(9 + n), f"{n}.jpg") for n in range(5)])
    return [
        row("attach a photo of 12 megapixels, child cold", cold, "ms", 500),
        row("attach a photo of 12 megapixels, child warm", median(warm), "ms", 100),
        row(f"text of a PDF of {_PAGES} pages", took, "s", 3),
        row("  tellings of its progress", len(pages), "times", None),
        row("  longest stall of the loop meanwhile", longest, "ms", 16),
        row("memory (RSS) left by a file of 50 MB", left, "MB", 20),
        row("pictures encoded for eight panes with the same five", encoded, "pictures", 5),
    ]


@asynccontextmanager
async def _desk(folder: Path) -> AsyncGenerator[AttachmentDesk]:
    async with await Store.open(folder / "data") as store:

        async def kept() -> AttachedFiles:
            return store.files

        desk = AttachmentDesk(Decoder(child_command(DECODE_SWITCH)), kept)
        try:
            yield desk
        finally:
            await desk.aclose()


async def _timed(desk: AttachmentDesk, data: bytes, name: str) -> float:
    start = time.perf_counter()
    await desk.take(data, name)
    return (time.perf_counter() - start) * 1000


async def _longest_stall() -> float:
    """Milliseconds beyond its turn that the loop came to this at the latest, until it is cancelled."""
    longest, last = 0.0, time.perf_counter()
    try:
        while True:
            await asyncio.sleep(0.001)
            at = time.perf_counter()
            longest, last = max(longest, at - last - 0.001), at
    except asyncio.CancelledError:
        return longest * 1000


class _Counted(PromptFiles):
    """Counts what is encoded."""

    count = 0

    async def _base64(self, key: str, pieces: Sequence[bytes]) -> list[DigestedText]:
        held = len(self._encoded)
        made = await super()._base64(key, pieces)
        _Counted.count += len(self._encoded) - held
        return made


async def _encoded(desk: AttachmentDesk, files: Sequence[Attachment]) -> int:
    prompt = Message(
        id=new_id(),
        parent=None,
        role=Role.USER,
        parts=tuple(each.part for each in files),
        status=Status.COMPLETE,
        created_at=now(),
    )
    prompts = _Counted(desk)
    for pane in range(8):
        given = await prompts.given([prompt], Taken(vision=True), f"model {pane}")
        assert len(given[prompt.id].attached) == len(files)
    return _Counted.count


def _resident() -> float:
    """Megabytes of this process that lie in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
