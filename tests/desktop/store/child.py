"""Another run of the program, for tests with several processes or with one that is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path

from desktop.domain.message_parts import PartKind
from desktop.errors import StoreError
from desktop.store.migrations import Migration
from desktop.store.opening.store_opener import Options
from desktop.store.sqlite.sql import Sql
from desktop.store.store import Store
from desktop.voting.contender import Contender
from desktop.voting.vote import Vote, best_of
from tests.desktop.store import made
from tests.desktop.store.vaults import FileVault


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


async def keep(folder: Path, vault: str) -> None:
    """Keep a conversation at once and one for each line of standard input, and say so."""
    async with await Store.open(folder, vault=FileVault(Path(vault))) as store:
        line = "at once"
        while line:
            await store.conversations.create(made.said("from a child"))
            say("kept")
            line = await asyncio.to_thread(sys.stdin.readline)


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


async def back_up(folder: Path) -> None:
    """Keep conversations and back up until killed, telling each backup once it is made."""
    async with await Store.open(folder) as store:
        number = 0
        while True:
            await store.conversations.create(made.said(f"kept {number}" + " word" * 2_000))
            await store.backup(folder / "backups" / f"conversations-2026{number % 7:04}.db")
            say(str(number))
            number += 1


async def die_migrating(folder: Path, statement: str) -> None:
    """Kill itself before the numbered statement of the first migration that is due and all that follows it."""
    left = [int(statement)]

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


async def renew(folder: Path) -> None:
    """Make the words of the search anew, telling after each slice how many rows are left."""
    async with await Store.open(folder) as store:
        await store.index_renewal.run(lambda state: say(str(state.left)))
    say("done")


async def read_only(folder: Path) -> None:
    """Tell what can be read, and the code of the error that keeping something raises."""
    async with await Store.open(folder) as store:
        say(f"{store.read_only} {len(store.notices)}")
        for found in await store.conversations.list():
            kept = await store.conversations.get(found.id)
            say(f"{kept.messages[0].text} {len(await store.search('kept'))}")
        try:
            await store.conversations.create(made.said("new"))
        except StoreError as error:
            say(error.code)


async def vote(folder: Path, name: str) -> None:
    """Keep votes one by one, half of them of ids that others keep too; say how many were new."""
    async with await Store.open(folder) as store:
        new = 0
        for number in range(40):
            id_ = f"{name if number % 2 else 'all'}-{number}"
            contenders = (Contender(model="lab/a"), Contender(model="lab/b"))
            new += await store.votes.add(Vote(id=id_, at=made.START, contenders=contenders, outcome=best_of(0)))
    say(str(new))


async def vote_on(folder: Path) -> None:
    """Keep votes until killed, telling each once it is kept."""
    async with await Store.open(folder) as store:
        number = 0
        while True:
            contenders = (Contender(model="lab/a"), Contender(model="lab/b"))
            kept = Vote(
                id=f"{number:032}", at=made.START, contenders=contenders, outcome=best_of(0), answers=("x", "y")
            )
            await store.votes.add(kept)
            say(str(number))
            number += 1


def dying(step: str) -> Options:
    """Options that kill the process when it has come to the numbered step."""
    left = [int(step)]

    def count(_: str) -> None:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    return Options(step=count)


async def encrypt(folder: Path, vault: str, step: str) -> None:
    """Turn encryption on, or off where it is on; say so."""
    async with await Store.open(folder, vault=FileVault(Path(vault)), options=dying(step)) as store:
        say("begun")
        if store.encryption.on:
            await store.encryption.turn_off()
        else:
            await store.encryption.turn_on(await store.encryption.prepare())
    say("done")


async def restore(folder: Path, backup: str, step: str) -> None:
    """Put a backup in the database's place."""
    async with await Store.open(folder, options=dying(step)) as store:
        say("begun")
        await store.safety.restore(Path(backup))
    say("done")


async def back_up_files(folder: Path, step: str) -> None:
    """Make today's backup."""
    async with await Store.open(folder, options=dying(step)) as store:
        say("begun")
        await store.backup_daily()
    say("done")


async def move(folder: Path, target: str, step: str) -> None:
    """Move the data folder; the pointer lies beside it."""
    async with await Store.open(folder, options=dying(step)) as store:
        say("begun")
        await store.safety.move(Path(target), folder.parent / "pointer")
        await store.conversations.create(made.said("after the move"))
    say("done")


def main(words: list[str]) -> None:
    task, folder, *rest = words
    known = (create, hold, keep, journal, back_up, read_only, die_migrating, encrypt, restore, back_up_files, move)
    known = (*known, vote, vote_on, renew)
    tasks: dict[str, Callable[..., Coroutine[None, None, None]]] = {each.__name__: each for each in known}
    asyncio.run(tasks[task](Path(folder), *rest))


if __name__ == "__main__":
    main(sys.argv[1:])
