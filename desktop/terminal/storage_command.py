"""`storage`: status, backups and restoring, moving, encryption and the recovery code."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from desktop.domain.conversation_types import Value
from desktop.errors import CredentialError, KeyringMissing, StoreError, StoreLocked, StoreNewer, StoreReadOnly
from desktop.settings.schema import ENCRYPTION, RETENTION, RETENTION_DAYS
from desktop.store.backup.restore import Backup, Preview, Some
from desktop.store.encryption.encryption import NewKey
from desktop.store.opening.store_opener import FILE
from desktop.store.sqlite.network_folders import network_kind
from desktop.store.store import Store
from desktop.system.paths import expanded
from desktop.terminal import going_back
from desktop.terminal.console import Console, count
from desktop.terminal.console_services import ConsoleServices
from desktop.terminal.questions import agreed, asked
from desktop.text.phrases import english, phrase

_CODE_KEPT = (
    "Write this recovery code down and keep it away from this computer. It is shown only once. Without "
    "the code and the keyring, nobody can read the conversations."
)
_CODE_VOID = "Nothing was changed, and this code is not valid."
_NOT_PROMISED = (
    "The unencrypted files were overwritten. Solid-state drives, snapshots and the system's own backups "
    "may still contain them."
)


class StorageStatus(Value, frozen=True, kw_only=True):
    """Output of `status --json`. Sizes are in bytes; `state` is open, read-only or locked."""

    folder: str
    state: str
    encrypted: bool
    size: int
    free: int
    conversations: int | None
    files: int | None
    files_size: int | None
    files_missing: int | None
    backups: int
    newest_backup: datetime | None
    retention: str
    network: str | None
    notices: tuple[str, ...]


async def run(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Execute a `storage` action. Returns 1 if the user declined."""
    actions: dict[str, Callable[[ConsoleServices, argparse.Namespace], Awaitable[int]]] = {
        "status": _status,
        "backups": _backups,
        "restore": _restore,
        "move": _move,
        "encrypt": _encrypt,
        "decrypt": _decrypt,
        "recover": _recover,
        "index": _index,
    }
    return await actions[arguments.action](services, arguments)


async def _status(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    status = await _look(services)
    if arguments.json:
        services.console.json(status)
        return 0
    say = services.console.line
    say(f"{status.folder}: {status.state}, {'encrypted' if status.encrypted else 'not encrypted'}")
    if status.conversations is not None:
        say(f"{count(status.conversations, 'conversation')}, {_size(status.size)}, {_size(status.free)} free")
    if status.files:
        say(f"{count(status.files, 'attached file')}, {_size(status.files_size or 0)}")
    if status.files_missing:
        say(f"{count(status.files_missing, 'file')} named in messages {_are(status.files_missing)} missing")
    newest = f", the newest of {_when(status.newest_backup)}" if status.newest_backup else ""
    say(f"{count(status.backups, 'backup')}{newest}")
    say(f"Kept: {status.retention}")
    if status.network:
        say(f"The data is on a network drive ({status.network}): no write-ahead log.")
    return 0


async def _index(services: ConsoleServices, _arguments: argparse.Namespace) -> int:
    """Rebuild the search index if an earlier version created it."""
    store = await services.store()
    if store.read_only:
        raise StoreReadOnly(phrase("{path} is not writable: nothing new is saved.", path=store.path))
    await store.index_renewal.run(lambda state: services.console.status(f"{state.percent}%"))
    services.console.line("The search index is up to date.")
    return 0


async def _look(services: ConsoleServices) -> StorageStatus:
    folder = services.paths.data
    state, encrypted, conversations = "open", True, None
    files: tuple[int | None, int | None, int | None] = (None, None, None)
    backups: tuple[Backup, ...] = ()
    notices: tuple[str, ...] = ()
    try:
        store = await services.store()
    except (StoreLocked, CredentialError) as error:
        state, notices = "locked", (error.message,)
    else:
        state = "read-only" if store.read_only else "open"
        encrypted, notices = store.encryption.on, store.notices
        conversations = sum(number for _, number in await store.conversations.counts())
        with suppress(StoreError):  # the message is among the notices
            files = (*await store.files.figures(), await store.files.missing())
        backups = await store.safety.backups()
    file = folder / FILE
    return StorageStatus(
        folder=str(folder),
        state=state,
        encrypted=encrypted,
        size=file.stat().st_size if file.exists() else 0,
        free=shutil.disk_usage(folder).free,
        conversations=conversations,
        files=files[0],
        files_size=files[1],
        files_missing=files[2],
        backups=len(backups),
        newest_backup=backups[0].made_at if backups else None,
        retention=_retention(services),
        network=network_kind(folder),
        notices=notices,
    )


def _retention(services: ConsoleServices) -> str:
    chosen = services.settings.get(RETENTION)
    if chosen == "days":
        return f"for {count(services.settings.get(RETENTION_DAYS), 'day')}"
    return {"all": "always", "run": "until Paragone quits"}[chosen]


async def _backups(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    try:
        backups = await (await services.store()).safety.backups()
    except StoreNewer as refused:
        backups = await going_back.list_backups(services, refused)
    if arguments.json:
        services.console.json(
            [
                {
                    "path": str(each.path),
                    "made_at": each.made_at,
                    "size": each.size,
                    "conversations": each.conversations,
                    "files": each.files,
                }
                for each in backups
            ]
        )
    elif backups:
        services.console.table(
            ("File", "Made", "Size", "Conversations", "Files"),
            [
                (str(each.path), _when(each.made_at), _size(each.size), _number(each), f"{each.files:,}")
                for each in backups
            ],
        )
    else:
        services.console.note("There are no backups yet. One is made each day.")
    return 0


async def _restore(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    try:
        store = await services.store()
    except StoreNewer:
        return await _go_back(services, arguments)
    path = arguments.file or await _newest(store)
    if not path.exists():
        raise StoreError(
            english(f"The file {path} does not exist."), hint=english("`storage backups` lists all backups.")
        )
    change = await store.safety.preview(path)
    console = services.console
    if arguments.dry_run:
        _print_preview(console, path, change, arguments)
        return 0
    if not arguments.json:
        _print_preview(console, path, change, arguments)
    if arguments.add:
        added = await store.safety.add_missing(path)
        return _done(console, arguments, f"{count(added, 'conversation')} restored.", {"added": added})
    if not arguments.yes and not await agreed(console, "Replace the current conversations with this backup?"):
        console.note("Nothing was changed.")
        return 1
    aside = await store.safety.restore(path)
    return _done(console, arguments, f"Restored. The previous database is in {aside}.", {"set_aside": str(aside)})


async def _go_back(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Restore a backup although a newer version of Paragone wrote the database."""
    path, change = await going_back.choose(services, arguments)
    if arguments.dry_run or not arguments.json:
        _print_preview(services.console, path, change, arguments)
    if arguments.dry_run:
        return 0
    aside = await going_back.restore(services, path, is_agreed=arguments.yes)
    if aside is None:
        return 1
    said = f"Restored. The database of the newer version is in {aside}."
    return _done(services.console, arguments, said, {"set_aside": str(aside)})


async def _newest(store: Store) -> Path:
    found = await store.safety.backups()
    if not found:
        raise StoreError(english("There is no backup to restore."), hint=english("Name a file."))
    return found[0].path


def _print_preview(console: Console, path: Path, change: Preview, arguments: argparse.Namespace) -> None:
    if arguments.json:
        if arguments.dry_run:
            parts = {"added": change.added, "changed": change.changed, "lost": change.lost}
            told = {name: {"number": some.number, "titles": some.titles} for name, some in parts.items()}
            files = {"files": change.files, "files_gone": change.files_gone}
            console.json({"path": str(path), **told, **files, "unreadable": change.unreadable})
        return
    console.line(f"{path}:")
    if change.unreadable is not None:
        console.line(f"  The backup is damaged: {count(change.unreadable, 'row')} cannot be read, the rest can.")
    for some, words in (
        (change.added, "restored"),
        (change.changed, "reset to their earlier state"),
        (change.lost, "are lost"),
    ):
        if some.number and (words == "restored" or not arguments.add):
            console.line(f"  {some.number:,} {words}: {_titles(some)}")
    if not change.added.number + change.changed.number + change.lost.number:
        console.line("  The backup has the same contents.")
    if change.files:
        console.line(f"  {count(change.files, 'attached file')} {_come(change.files)} back")
    if change.files_gone:
        console.line(f"  {count(change.files_gone, 'attached file')} {_are(change.files_gone)} missing")


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _come(number: int) -> str:
    return "comes" if number == 1 else "come"


def _titles(some: Some) -> str:
    named = ", ".join(" ".join(title.split()) or "Untitled" for title in some.titles)
    return f"{named}, …" if some.number > len(some.titles) else named


async def _move(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    old, new = services.paths.data, expanded(arguments.folder).absolute()
    await services.move_data(new)
    return _done(
        services.console,
        arguments,
        f"Everything is now stored in {new}. The old folder {old} is unchanged; remove it when you no longer need it.",
        {"from": str(old), "to": str(new)},
    )


async def _encrypt(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    store, console = await services.store(), services.console
    if arguments.new_code:
        return await _new_code(store, console)
    services.settings.set(ENCRYPTION, value=True)  # raises if a policy forbids it, before anything is changed
    new = await store.encryption.prepare()
    try:
        console.line(new.code)
        console.note(_CODE_KEPT)
        if not arguments.yes and not await _is_written_down(console, new):
            await store.encryption.give_up(new)
            console.note(_CODE_VOID)
            return 1
        problems = await store.encryption.turn_on(new)
    except BaseException:
        if not store.encryption.on:
            console.note(_CODE_VOID)
            await store.encryption.give_up(new)
        raise
    services.use(services.settings_file.update(lambda settings: settings.set(ENCRYPTION, value=True)))
    services.forget_plain_text()
    console.note(f"The conversations are encrypted. {_NOT_PROMISED}")
    for problem in problems:
        console.note(problem)
    for aside in await store.safety.set_aside():
        if aside.plain:
            console.note(
                f"{aside.folder} was moved aside earlier and is not encrypted. Remove it when you no longer need it."
            )
    return 0


async def _new_code(store: Store, console: Console) -> int:
    """Create a new recovery code. The old code is replaced only after the new one has been printed."""
    code = store.encryption.new_code()
    console.line(code)
    try:
        await store.encryption.use_code(code)
    except StoreError:
        console.note("This code is not valid; the previous one still is.")
        raise
    console.note(_CODE_KEPT)
    return 0


async def _is_written_down(console: Console, new: NewKey) -> bool:
    typed = await asked(console, "Type its last four letters to continue:")
    return typed.strip().upper() == new.code[-4:]


async def _decrypt(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    store, console = await services.store(), services.console
    if not store.encryption.on:
        raise StoreError(english("The conversations are not encrypted."))
    if not arguments.yes and not await agreed(console, "Decrypt the conversations?"):
        console.note("Nothing was changed.")
        return 1
    services.use(services.settings_file.update(lambda settings: settings.set(ENCRYPTION, value=False)))
    said = await store.encryption.turn_off()
    gone = "." if said else ", and the key was deleted from the keyring."
    console.note(f"The conversations are unencrypted files again{gone}")
    for problem in said:
        console.note(problem)
    return 0


async def _recover(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    del arguments
    console = services.console
    code = await asked(console, "Recovery code:")
    kept = await services.unlock(code)
    found = sum(number for _, number in await (await services.store()).conversations.counts())
    console.line(f"Opened: {count(found, 'conversation')}.")
    if not kept:
        raise KeyringMissing(english("The key could not be stored in the keyring: you will need the code again."))
    return 0


def _done(console: Console, arguments: argparse.Namespace, said: str, told: dict[str, object]) -> int:
    if arguments.json:
        console.json(told)
    else:
        console.line(said)
    return 0


def _number(backup: Backup) -> str:
    return "unreadable" if backup.conversations is None else f"{backup.conversations:,}"


def _when(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M}"


def _size(size: int) -> str:
    return f"{size / (1 << 20):,.1f} MB"
