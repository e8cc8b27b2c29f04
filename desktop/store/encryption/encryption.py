"""Encryption turned on and off while the program runs, keys and their recovery codes."""

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
"""The name of a key that a file begins with which this user cannot read."""


class Vault(Protocol):
    """Where keys are kept, by their ids: the keyring."""

    async def read(self, key_id: str) -> str | None:
        """A key's text; None where there is none. Raises CredentialError."""
        ...

    async def write(self, key_id: str, text: str) -> None:
        """Keep a key. Raises CredentialError where it is not kept."""
        ...

    async def hold(self, key_id: str, text: str) -> bool:
        """Keep a key, or where that fails have it for this run; whether it is kept."""
        ...

    async def erase(self, key_id: str) -> None:
        """Forget a key. Raises CredentialError."""
        ...


class NoVault:
    """For machines and tests without a keyring."""

    async def read(self, key_id: str) -> str | None:
        """See Vault."""
        del key_id
        return None

    async def write(self, key_id: str, text: str) -> None:
        """See Vault."""
        del key_id, text
        raise KeyringMissing(phrase("This computer has no keyring that stores keys securely."))

    async def hold(self, key_id: str, text: str) -> bool:
        """See Vault."""
        del key_id, text
        return False

    async def erase(self, key_id: str) -> None:
        """See Vault."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that is in the keyring, and under a code that is nowhere: show it once."""

    key: Key
    code: str = field(repr=False)


def _undo(path: Path) -> None:
    """Remove what was begun, if it was: what hindered it is what is told."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


async def make_key(folder: Path, vault: Vault) -> NewKey:
    """Make a key, put it into the keyring, and lay it under a new code in a data folder. It encrypts nothing yet.

    Raises CredentialError where it cannot be kept, StoreError's tree.
    """
    made = NewKey(Key.make(), recovery_codes.make())
    with ExitStack() as undo:
        undo.callback(_undo, keyfiles.place(folder, made.key.id))
        keyfiles.mark_unused(folder, made.key.id)
        keyfiles.seal(folder, made.key, made.code)
        await vault.write(made.key.id, made.key.text)
        undo.pop_all()
    return made


async def supply(opening: StoreOpener, wanted: KeyWanted, vault: Vault) -> None:
    """Look for the key that an opening wants. Raises CredentialError where the keyring is there and cannot be asked."""
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
    """Take keys out of the keyring that a killed run made and never used; where that fails, at the next start."""
    for key_id in opening.unused:
        with contextlib.suppress(CredentialError, StoreError):
            await vault.erase(key_id)
            keyfiles.mark_unused(opening.folder, key_id, unused=False)


async def recover(folder: Path, code: str, vault: Vault) -> bool:
    """Take the key of a data folder's database from under its code; whether the keyring keeps it beyond this run.

    Raises RecoveryCodeWrong, and StoreError where nothing there is encrypted.
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
    """Of one open database. Every method raises StoreError's tree."""

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
        """A new key for `turn_on`, once its code was shown. Raises CredentialError where the keyring fails."""
        return await make_key(self._opening.folder, self._vault)

    async def give_up(self, new: NewKey) -> None:
        """Forget a key that was prepared and not used. One that a file is encrypted with by now stays.

        What was begun with it comes to its end first, also where nobody waits for that any more.
        """
        folder = self._opening.folder

        def job() -> bool:
            """On the thread that the files are written anew on, after that; whether the key is forgotten."""
            if new.key.id in self._key_ids():
                return False
            keyfiles.place(folder, new.key.id).unlink(missing_ok=True)
            return True

        if await self._database.beside(job):
            with contextlib.suppress(CredentialError):  # its mark stays, and the next start tries again
                await self._vault.erase(new.key.id)
                await self._database.beside(lambda: keyfiles.mark_unused(folder, new.key.id, unused=False))

    async def turn_on(self, new: NewKey) -> tuple[Phrase, ...]:
        """Write the database and all backups anew under this key, and overwrite the old ones.

        Returns what became of backups that could not be. What others ask for meanwhile waits. Raises StoreBusy where
        another run has the database, StoreFull.
        """
        return await self._recode(new.key)

    async def turn_off(self) -> tuple[Phrase, ...]:
        """Write the database and all backups anew as plain files, and forget the keys; else as `turn_on`."""
        return await self._recode(None)

    def new_code(self) -> str:
        """A new code for the present key, for `use_code` once it was shown; until then it opens nothing."""
        if self._database.access.key is None:
            raise StoreError(phrase("The conversations are not encrypted."))
        return recovery_codes.make()

    async def use_code(self, code: str) -> None:
        """Lay the present key under a new code; the old one opens nothing from then on."""
        key = self._database.access.key
        if key is None:
            raise StoreError(phrase("The conversations are not encrypted."))
        await self._database.beside(lambda: keyfiles.seal(self._opening.folder, key, code))

    async def keys(self) -> dict[str, Key]:
        """All keys of this data folder that can be had, by id."""
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
            """While nobody else has the files open: the new key must be safe before anything is encrypted with it."""
            if key is not None and key.id not in keyfiles.known(opening.folder):
                raise StoreError(phrase("The recovery code of the new key is missing. Nothing was changed."))
            said = recode.recode(opening.path, key, keys, opening.options.step, beside=self._files.path)
            if key is not None:
                keyfiles.mark_unused(opening.folder, key.id, unused=False)
            return said

        try:
            said = await self._files.while_closed(
                lambda: self._database.offline(lambda: opening.exclusively(job), opening.reopen)
            )
        except StoreCorrupt:  # the database itself: the next start looks at it, and sets it aside
            self._database.damaged = True
            self._files.doubt()
            raise
        await self._forget(before - await self._in_use())
        return said

    async def _in_use(self) -> frozenset[str]:
        """The ids of keys that files in the data folder are encrypted with, also of those set aside.

        All are where one of these files cannot be looked at: any of them may be its own.
        """
        known = keyfiles.known(self._opening.folder)

        def job() -> frozenset[str]:
            """On a thread of its own."""
            found = self._key_ids()
            return known if _UNKNOWN in found else known & found

        return await self._database.beside(job)

    def _key_ids(self) -> frozenset[str | None]:
        """The names of the keys that databases in the data folder begin with, unfinished ones too. Raises OSError.

        The open one and that of attached files, which has its key, are not looked at: a file that a process closes
        takes with it all locks that the process has there, SQLite's as well, and other runs would take the database for
        one that nobody uses.
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
