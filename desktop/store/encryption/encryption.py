"""Turns encryption on and off while the program runs, and manages keys and recovery codes."""

from __future__ import annotations

import contextlib
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from desktop.errors import CredentialError, KeyringMissing, StoreCorrupt, StoreError
from desktop.store.encryption import recode
from desktop.store.files.attached_files import AttachedFiles
from desktop.store.opening import keyfiles, recovery_codes
from desktop.store.opening.exchange import ATTACHED
from desktop.store.opening.store_opener import FILE, KeyWanted, StoreOpener
from desktop.store.sqlite import database_header
from desktop.store.sqlite.cipher import Key
from desktop.store.sqlite.database import Database
from desktop.system.paths import is_file
from desktop.text.phrases import Phrase, phrase

_UNKNOWN = "?"
"""Placeholder for the key id of a file that cannot be read."""


class Vault(Protocol):
    """Storage of keys by id, normally the keyring."""

    async def read(self, key_id: str) -> str | None:
        """Return a key's text, or None if it is not stored.

        Raises:
            CredentialError: If the keyring cannot be accessed.
        """
        ...

    async def write(self, key_id: str, text: str) -> None:
        """Store a key.

        Raises:
            CredentialError: If it cannot be stored.
        """
        ...

    async def hold(self, key_id: str, text: str) -> bool:
        """Store a key, or remember it for this run if that fails. Return whether it was stored."""
        ...

    async def erase(self, key_id: str) -> None:
        """Delete a key.

        Raises:
            CredentialError: If it cannot be deleted.
        """
        ...


class NoVault:
    """Vault for machines without a keyring and for tests; stores nothing."""

    async def read(self, key_id: str) -> str | None:
        """Return None, because nothing is stored."""
        del key_id
        return None

    async def write(self, key_id: str, text: str) -> None:
        """Refuse to store a key."""
        del key_id, text
        raise KeyringMissing(phrase("This computer has no keyring that stores keys securely."))

    async def hold(self, key_id: str, text: str) -> bool:
        """Return False, because nothing is stored."""
        del key_id, text
        return False

    async def erase(self, key_id: str) -> None:
        """Do nothing, because nothing is stored."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key in the keyring, and its recovery code, which is not stored and must be shown once."""

    key: Key
    code: str = field(repr=False)


def _undo(path: Path) -> None:
    """Delete a partial file; errors are ignored in favor of the original one."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


async def make_key(folder: Path, vault: Vault) -> NewKey:
    """Create a key in the keyring, and a file with the key encrypted by a new recovery code.

    Nothing is encrypted with the key yet.

    Raises:
        CredentialError: If the keyring fails.
        StoreError: If the file cannot be written.
    """
    new_key = NewKey(Key.make(), recovery_codes.make())
    with ExitStack() as undo:
        undo.callback(_undo, keyfiles.place(folder, new_key.key.id))
        keyfiles.mark_unused(folder, new_key.key.id)
        keyfiles.seal(folder, new_key.key, new_key.code)
        await vault.write(new_key.key.id, new_key.key.text)
        undo.pop_all()
    return new_key


async def supply(opening: StoreOpener, wanted: KeyWanted, vault: Vault) -> None:
    """Fetch the key that is needed to open the store.

    Raises:
        CredentialError: If the keyring cannot be accessed.
    """
    try:
        text = await vault.read(wanted.key_id)
    except CredentialError:
        if wanted.sure:
            raise
        text = None
    key = Key.from_text(text) if text is not None else None
    if key is not None and key.id == wanted.key_id:
        opening.keys[key.id] = key
    else:  # a keyring that was changed by hand is as good as an empty one
        opening.gone.add(wanted.key_id)


async def forget_unused(opening: StoreOpener, vault: Vault) -> None:
    """Delete keys that a killed process created but never used. Failures are retried at the next start."""
    for key_id in opening.unused:
        with contextlib.suppress(CredentialError, StoreError):
            await vault.erase(key_id)
            keyfiles.mark_unused(opening.folder, key_id, unused=False)


async def recover(folder: Path, code: str, vault: Vault) -> bool:
    """Recover the key of a data folder with its recovery code. Return whether the keyring stored it.

    Raises:
        RecoveryCodeWrong: If the code is wrong.
        StoreError: If the key file cannot be read.
    """
    path = folder / FILE
    key_id = (
        database_header.key_id(path) if database_header.shape(path) is database_header.DatabaseShape.OTHER else None
    )
    if key_id is None or key_id not in keyfiles.known(folder):
        raise StoreError(phrase("The conversations in {folder} are not encrypted.", folder=folder))
    key = keyfiles.unseal(folder, key_id, code)
    return await vault.hold(key.id, key.text)


class Encryption:
    """Encryption of one open database. All methods may raise StoreError."""

    def __init__(self, database: Database, opening: StoreOpener, vault: Vault, files: AttachedFiles) -> None:
        self._files = files
        self._database = database
        self._opening = opening
        self._vault = vault

    @property
    def on(self) -> bool:
        """Whether the database is encrypted."""
        return self._database.access.key is not None

    async def prepare(self) -> NewKey:
        """Return a new key for `turn_on`. Show its recovery code before using it.

        Raises:
            CredentialError: If the keyring fails.
        """
        return await make_key(self._opening.folder, self._vault)

    async def give_up(self, new: NewKey) -> None:
        """Delete a prepared key, unless a file is already encrypted with it.

        Waits for work in progress.
        """
        folder = self._opening.folder

        def job() -> bool:
            """Delete the key's file on the rewriting thread. Return whether it was deleted."""
            if new.key.id in self._key_ids():
                return False
            keyfiles.place(folder, new.key.id).unlink(missing_ok=True)
            return True

        if await self._database.beside(job):
            with contextlib.suppress(CredentialError):  # its mark stays, and the next start tries again
                await self._vault.erase(new.key.id)
                await self._database.beside(lambda: keyfiles.mark_unused(folder, new.key.id, unused=False))

    async def turn_on(self, new: NewKey) -> tuple[Phrase, ...]:
        """Rewrite the database and all backups under this key, and overwrite the old files.

        Returns notices about backups that could not be rewritten.
        """
        return await self._recode(new.key)

    async def turn_off(self) -> tuple[Phrase, ...]:
        """Rewrite everything unencrypted and delete the keys. Otherwise the same as `turn_on`."""
        return await self._recode(None)

    def new_code(self) -> str:
        """Return a new recovery code. It becomes valid with `use_code`."""
        if self._database.access.key is None:
            raise StoreError(phrase("The conversations are not encrypted."))
        return recovery_codes.make()

    async def use_code(self, code: str) -> None:
        """Encrypt the current key with a new recovery code, which invalidates the old one."""
        key = self._database.access.key
        if key is None:
            raise StoreError(phrase("The conversations are not encrypted."))
        await self._database.beside(lambda: keyfiles.seal(self._opening.folder, key, code))

    async def keys(self) -> dict[str, Key]:
        """Return all available keys of this data folder by id."""
        opening = self._opening
        for key_id in keyfiles.known(opening.folder) - opening.keys.keys():
            with contextlib.suppress(CredentialError):
                await supply(opening, KeyWanted(key_id, sure=False), self._vault)
        return opening.keys

    async def _recode(self, key: Key | None) -> tuple[Phrase, ...]:
        opening = self._opening
        keys = await self.keys()
        if key is not None:
            keys[key.id] = key

        before = await self._in_use()

        def job() -> tuple[Phrase, ...]:
            """Rewrite while no other process has the files open, after checking that the new key's file exists."""
            if key is not None and key.id not in keyfiles.known(opening.folder):
                raise StoreError(phrase("The recovery code for the new key is missing. Nothing was changed."))
            notices = recode.recode(opening.path, key, keys, opening.options.step, beside=self._files.path)
            if key is not None:
                keyfiles.mark_unused(opening.folder, key.id, unused=False)
            return notices

        try:
            notices = await self._files.while_closed(
                lambda: self._database.offline(lambda: opening.exclusively(job), opening.reopen)
            )
        except StoreCorrupt:  # the database itself: the next start looks at it, and sets it aside
            self._database.damaged = True
            self._files.doubt()
            raise
        await self._forget(before - await self._in_use())
        return notices

    async def _in_use(self) -> frozenset[str]:
        """Return the ids of keys with which any file is encrypted, including files moved aside.

        If a file cannot be checked, all keys count as used.
        """
        known = keyfiles.known(self._opening.folder)

        def job() -> frozenset[str]:
            found = self._key_ids()
            return known if _UNKNOWN in found else known & found

        return await self._database.beside(job)

    def _key_ids(self) -> frozenset[str | None]:
        """Return the key ids of all databases in the data folder, including partially written ones.

        The open database and its attachments are not read.

        Raises:
            OSError: If a file cannot be read.
        """
        database = self._database
        found = (path for name in ("*.db", ATTACHED) for path in self._opening.folder.rglob(name))
        files = [path for path in found if is_file(path) and path != self._files.path]
        if database.read_only:  # it was closed, and what became of its file since is not known
            return frozenset(map(_key_id, files))
        key = database.access.key
        others = [_key_id(path) for path in files if path != database.path]
        return frozenset({key.id if key is not None else None, *others})

    async def _forget(self, unused: frozenset[str]) -> None:
        folder = self._opening.folder
        for key_id in unused:
            try:
                await self._vault.erase(key_id)
            except CredentialError:
                continue  # its file stays, so that it is tried again the next time
            keyfiles.place(folder, key_id).unlink(missing_ok=True)
            self._opening.keys.pop(key_id, None)


def _key_id(path: Path) -> str | None:
    try:
        return database_header.key_id(path)
    except PermissionError:
        return _UNKNOWN
