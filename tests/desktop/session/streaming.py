"""A run of the program that streams an answer until it is killed, and tells what it showed.

python -m tests.desktop.session.streaming FOLDER
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from collections.abc import AsyncGenerator
from pathlib import Path

from desktop.catalog.catalog import Catalog
from desktop.domain.events import Event, StreamEvent, TextDelta
from desktop.providers.provider import ChatRequest
from desktop.session.session import Session, new_conversation
from desktop.store.store import Store
from tests.desktop.session.fakes import REF, ScriptedProvider, gateway


class Counting(ScriptedProvider):
    """Counts aloud without an end."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        for number in itertools.count():
            yield TextDelta(text=f"{number} ")
            await asyncio.sleep(0.004)


def show(event: Event) -> None:
    """Tell what is shown, and when."""
    if isinstance(event, TextDelta):
        print(event.text.strip(), time.monotonic(), flush=True)


async def stream(folder: Path) -> None:
    async with await Store.open(folder) as store:
        conversation = new_conversation(REF)
        print(conversation.id, flush=True)
        session = Session(conversation, gateway=gateway(Counting()), catalog=Catalog(), journal=store.conversations)
        await session.ask("Count!", show)


def main(words: list[str]) -> None:
    asyncio.run(stream(Path(words[0])))


if __name__ == "__main__":
    main(sys.argv[1:])
