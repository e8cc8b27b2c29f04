"""A run of the program that asks a server which floods it, and tells what came of it, of its memory and of its loop.

python -m tests.desktop.session.flooded ADDRESS MODEL
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

from desktop.catalog.catalog import Catalog
from desktop.credentials.keys import Keys
from desktop.domain.conversation_types import Auth, Connection, Kind, ModelRef
from desktop.domain.events import Event, TextDelta
from desktop.net.options import NetworkOptions
from desktop.providers.registry import Registry, default_factories
from desktop.session.gateway import Gateway
from desktop.session.journal import NoJournal
from desktop.session.session import Session, new_conversation
from desktop.settings.current import CurrentSettings
from desktop.settings.values import Settings
from tests.desktop.credentials.fakes import none_found
from tests.desktop.transfer.weighing import peak


class Pulse:
    """How long the loop's thread was busy at most, in its own seconds: what else a machine does is not in them."""

    longest = 0.0

    async def beat(self) -> None:
        """Beat until cancelled."""
        while True:
            before = time.thread_time()
            await asyncio.sleep(0.005)
            self.longest = max(self.longest, time.thread_time() - before)


async def main(address: str, *models: str) -> None:
    connection = Connection(name="lab", kind=Kind.OPENAI_V1, url=address, auth=Auth.NONE)
    gateway = Gateway(
        settings=CurrentSettings(Settings(connections=(connection,))),
        keys=Keys(service="test", environ={}, find=none_found),
        factory=Registry(default_factories()),
        options=NetworkOptions(),
    )
    for model in models:
        ref = ModelRef(connection="lab", name=model)
        session = Session(new_conversation(ref), gateway=gateway, catalog=Catalog(), journal=NoJournal())
        pulse = Pulse()
        heard = 0

        def hear(event: Event) -> None:
            nonlocal heard
            heard += len(event.text) if isinstance(event, TextDelta) else 0

        beating = asyncio.create_task(pulse.beat())
        before = peak()
        message = await session.ask("hi", hear)
        beating.cancel()
        code, words = (message.problem.code, message.problem.message) if message.problem else ("", "")
        found = {"problem": code, "said": words, "text": len(message.text), "heard": heard, "status": message.status}
        print(json.dumps({**found, "took": peak() - before, "longest": pulse.longest}), flush=True)
    await gateway.aclose()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
