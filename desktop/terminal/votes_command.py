"""`votes`: lists, exports, imports and deletes stored votes."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from itertools import groupby, islice
from pathlib import Path

from desktop.domain.conversation_types import Value, now
from desktop.errors import TransferError, VoteUnknown
from desktop.settings.policy import EXPORT, VOTES, Policy
from desktop.store.store import Store
from desktop.terminal.console import Console, count
from desktop.terminal.console_services import ConsoleServices
from desktop.terminal.questions import agreed, somebody_answers
from desktop.text.phrases import NOTHING, Phrase, phrase
from desktop.voting import vote_lines
from desktop.voting.bad_lines import BadLines
from desktop.voting.vote import Vote
from desktop.voting.votes_file import votes_of

_BATCH = 1_000
"""Number of votes stored in one transaction."""


class ImportedVotes(Value, frozen=True, kw_only=True):
    """Output of `votes import --json`. `here` counts votes that were already stored."""

    file: str
    added: int = 0
    here: int = 0
    left_out: int = 0
    problem: str = ""
    notices: tuple[str, ...] = ()


async def run(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Execute a `votes` action. Returns 1 if something was skipped."""
    actions: dict[str, Callable[[ConsoleServices, argparse.Namespace], Awaitable[int]]] = {
        "list": _list,
        "export": _export,
        "import": _import,
        "delete": _delete,
    }
    return await actions[arguments.action](services, arguments)


def forbidden(policy: Policy) -> Phrase:
    """Return a note that a policy no longer allows saving votes, or an empty phrase if it allows it."""
    if policy.get(VOTES):
        return NOTHING
    return phrase(
        "Your organization does not allow saving votes. These votes were saved earlier. {who}",
        who=policy.who_says(VOTES),
    )


async def _list(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    stored = await (await services.store()).votes.list()
    _tell(services, stored.damaged, "left out")
    if arguments.json:
        services.console.json(stored.votes)
    elif stored.votes:
        services.console.table(
            ("Id", "When", "Judge", "Vote", "Not counted", "Tags"),
            [
                (vote.id, f"{vote.at.astimezone():%Y-%m-%d %H:%M}", vote.judge, _said(vote), _why(vote), _tags(vote))
                for vote in stored.votes
            ],
        )
    else:
        services.console.note("There are no votes yet.")
    return 0


def _tell(services: ConsoleServices, damaged: int, done: str) -> None:
    """Print notes that concern all votes."""
    if said := forbidden(services.settings.policy):
        services.console.note(said)
    if damaged:
        services.console.note(f"{count(damaged, 'vote')} could not be read: {done}.")


def _said(vote: Vote) -> str:
    """Return the models in the order that the vote gave them."""
    placed = sorted(zip(vote.outcome.ranks, (each.model for each in vote.contenders), strict=True))
    tiers = [" = ".join(name for _, name in tier) for _, tier in groupby(placed, key=lambda each: each[0])]
    return f"{tiers[0]}: all bad" if vote.outcome.all_bad else " > ".join(tiers)


def _why(vote: Vote) -> str:
    """Return why a vote is not counted, or an empty string if it is."""
    if vote.undone is not None:
        return "undone"
    if vote.set_aside is not None:
        return vote.set_aside
    return "" if vote.blind else "sighted"


def _tags(vote: Vote) -> str:
    return ", ".join(vote.tags)


async def _export(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    from desktop.transfer.export import export_writer

    services.settings.policy.require(EXPORT)
    stored = await (await services.store()).votes.list()
    lines = (line.decode() for line in vote_lines.written(stored.votes))
    console, output = services.console, arguments.output
    if output is None:
        for line in lines:
            console.raw(line)
        _tell(services, stored.damaged, "not in the file")
        return 0
    exists = output.exists()
    if exists and somebody_answers() and not await agreed(console, f"{output} already exists. Replace it?"):
        console.note("Nothing was saved.")
        return 1
    (await services.store()).safety.require_other(output)

    def write() -> None:
        """Write the file. Runs on a thread."""
        with export_writer.pieces(output) as add:
            for line in lines:
                add(line)

    await asyncio.to_thread(write)
    _tell(services, stored.damaged, "not in the file")
    if arguments.json:
        console.json({"path": str(output), "votes": len(stored.votes)})
    else:
        suffix = ", replacing the existing file" if exists else ""
        console.note(f"Wrote {count(len(stored.votes), 'vote')} to {output}{suffix}.")
    return 0


async def _import(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    services.settings.policy.require_way_in(VOTES)
    store = await services.store()
    imports = [await _imported(store, path, services.console) for path in arguments.files]
    if arguments.json:
        added, here, left_out = (
            sum(getattr(vote_file, name) for vote_file in imports) for name in ("added", "here", "left_out")
        )
        services.console.json({"added": added, "here": here, "left_out": left_out, "files": imports})
    else:
        for vote_file in imports:
            here = f", {vote_file.here:,} already here" if vote_file.here else ""
            services.console.line(f"{vote_file.file}: {count(vote_file.added, 'vote')} added{here}.")
    return 1 if any(vote_file.left_out or vote_file.problem for vote_file in imports) else 0


async def _imported(store: Store, path: Path, console: Console) -> ImportedVotes:
    """Import the new votes in a file in batches. If the import is interrupted, completed batches are kept."""
    bad, added, seen, problem = BadLines(), 0, 0, ""
    try:
        store.safety.require_other(path)
        votes = await asyncio.to_thread(votes_of, path, bad, now())
        while batch := await asyncio.to_thread(lambda: tuple(islice(votes, _BATCH))):
            added += await store.votes.add(*batch)
            seen += len(batch)
            console.status(f"{path.name}: {count(seen, 'vote')}")
    except TransferError as error:
        problem = error.message
        console.problem(error)
    for sentence in (*bad.remarks, *bad.sentences):
        console.note(sentence)
    return ImportedVotes(
        file=str(path),
        added=added,
        here=seen - added,
        left_out=bad.total,
        problem=problem,
        notices=(*bad.remarks, *bad.sentences),
    )


async def _delete(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    if arguments.of is not None:
        return await _delete_of(services, arguments)
    if not await (await services.store()).votes.delete([arguments.id]):
        raise VoteUnknown(phrase("There is no vote “{id}”.", id=arguments.id))
    if arguments.json:
        services.console.json({"id": arguments.id, "state": "deleted"})
    else:
        services.console.line(f"Deleted permanently: {arguments.id}")
        services.console.note("Daily backups still contain it for up to seven days.")
    return 0


async def _delete_of(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Delete the votes imported from a file. Their IDs are the same each time the file is read."""
    store, console, path = await services.store(), services.console, arguments.of

    def read() -> list[Vote]:
        """Read the file. Runs on a thread."""
        return list(votes_of(path, BadLines(), now()))

    there = await store.votes.brought(await asyncio.to_thread(read))
    if there and somebody_answers() and not await agreed(console, f"Delete {count(len(there), 'vote')} permanently?"):
        console.note("Nothing was deleted.")
        return 1
    removed = await store.votes.delete([*there])
    if arguments.json:
        console.json({"file": str(path), "deleted": removed})
    else:
        console.line(f"{path}: {count(removed, 'vote')} deleted permanently.")
    return 0
