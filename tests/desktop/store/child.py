"""Another run of the program, for tests with several processes or with one that is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from desktop.domain import PartKind
from desktop.errors import StoreError
from desktop.store.migrations import Migration
from desktop.store.opening import Options
from desktop.store.sql import Sql
from desktop.store.store import Store
from tests.desktop.store import made


def say(line: str) -> None:
    print(line, flush=True)


async def create(folder: Path) -> None:
    """Open, keep a conversation, and close."""
    async with await Store.open(folder) as store:
        await store.conversations.create(made.said("from a child"))
    say("done")


async def hold(folder: Path) -> None:
    """Stream an answer until standard input ends."""
    async with await Store.open(folder) as store:
        question = made.prompt()
        streaming = made.answer(question)
        talk = made.conversation()
        await store.conversations.begin(talk, question, streaming)
        await store.conversations.append(streaming.id, [(PartKind.TEXT, "still here")])
        say(talk.id)
        await asyncio.to_thread(sys.stdin.read)


async def journal(folder: Path) -> None:
    """Stream until killed, telling each piece once it is kept."""
    async with await Store.open(folder) as store:
        question = made.prompt()
        streaming = made.answer(question)
        talk = made.conversation()
        await store.conversations.begin(talk, question, streaming)
        say(talk.id)
        number = 0
        while True:
            await store.conversations.append(streaming.id, [(PartKind.TEXT, f"{number} ")])
            say(str(number))
            number += 1


async def die_migrating(folder: Path, statement: int) -> None:
    """Kill itself before the numbered statement of the first migration that is due and all that follows it."""
    left = [statement]

    def count(*_: object) -> bool:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return True

    def counted(step: Migration) -> Migration:
        def up(sql: Sql) -> None:
            sql.connection.exec_trace = count
            step(sql)

        return up

    steps = tuple(counted(step) for step in made.LATER.migrations)
    async with await Store.open(folder, options=Options(migrations=steps)):
        say("migrated")


async def read_only(folder: Path) -> None:
    """Tell the code of the error that opening raises."""
    try:
        async with await Store.open(folder):
            say("opened")
    except StoreError as error:
        say(error.code)


def main() -> None:
    task, folder, *rest = sys.argv[1:]
    tasks = {"create": create, "hold": hold, "journal": journal, "read_only": read_only}
    if task == "die_migrating":
        asyncio.run(die_migrating(Path(folder), int(rest[0])))
    else:
        asyncio.run(tasks[task](Path(folder)))


if __name__ == "__main__":
    main()
