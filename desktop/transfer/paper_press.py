"""Has a PDF or a DOCX made of parts by a child process, which is ended where it takes too much memory or is late."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence

from desktop.child_process import MemoryWatch, start_child
from desktop.errors import TransferError
from desktop.log import logger
from desktop.phrases import phrase
from desktop.transfer.paper_parts import READY, PaperEnd, PaperForm, PaperPart, framed

_log = logger("paper")

START_S = 30.0
"""Seconds in which the child has to be there."""

_PIECE = 1 << 20


async def pressed(command: Sequence[str], form: PaperForm, parts: AsyncGenerator[PaperPart]) -> AsyncGenerator[bytes]:
    """The file, piece by piece, once all of it is made. Raises TransferError, and what `parts` raises."""
    child = await _started(command)
    assert child.stdin is not None
    assert child.stdout is not None
    memory = MemoryWatch(child)
    try:
        with memory:
            child.stdin.write(framed(form))
            async with contextlib.aclosing(parts):
                async for part in parts:
                    child.stdin.write(framed(part))
                    await child.stdin.drain()
            child.stdin.write(framed(PaperEnd()))
            await child.stdin.drain()
            left = int.from_bytes(await child.stdout.readexactly(8), "big")
            if not left:
                name = await child.stdout.readline()
                _log.error("no %s was made: %s", form.suffix, name.decode("ascii", "replace").strip()[:80])
        if not left:
            raise _failed(form, too_large=False)
        while left:
            data = await child.stdout.readexactly(min(left, _PIECE))
            left -= len(data)
            yield data
    except (ConnectionError, asyncio.IncompleteReadError) as error:
        _log.warning("the child that makes a %s broke off: %s", form.suffix, type(error).__name__)
        raise _failed(form, too_large=memory.ended) from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        child.stdin.close()
        await child.wait()


async def _started(command: Sequence[str]) -> asyncio.subprocess.Process:
    try:
        async with asyncio.timeout(START_S):
            child = await start_child(command)
            assert child.stdout is not None
            if await child.stdout.readline() == READY:
                return child
            await child.wait()
    except (OSError, ValueError, TimeoutError) as error:
        _log.error("the child that makes documents could not be started: %s", type(error).__name__)
    raise TransferError(
        phrase("Paragone could not start the process that creates this file."),
        hint=phrase("Export a web page instead, and print it from a browser."),
    )


def _failed(form: PaperForm, *, too_large: bool) -> TransferError:
    kind = form.suffix.upper()
    if too_large:
        return TransferError(
            phrase("The {kind} would need too much memory.", kind=kind), hint=phrase("Choose fewer conversations.")
        )
    return TransferError(
        phrase("The {kind} could not be created.", kind=kind), hint=phrase("Export a web page or Markdown instead.")
    )
