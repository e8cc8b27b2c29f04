"""Keyring interface for the store: keys of encrypted databases, each under its own name."""

from __future__ import annotations

from collections.abc import Callable

from desktop.credentials.keys import Keys
from desktop.errors import CredentialError, KeyringMissing


class KeyringVault:
    """Stores keys in the keyring. A key recovered with a code may be held only in memory for this run."""

    def __init__(self, keys: Callable[[], Keys]) -> None:
        self._keys = keys
        self._this_run: dict[str, str] = {}

    async def read(self, key_id: str) -> str | None:
        """Return a key, or None if there is no such key or no keyring.

        Raises:
            KeyringLocked: If the keyring is locked.
            KeyringTimeout: If the keyring does not respond.
        """
        if key_id in self._this_run:
            return self._this_run[key_id]
        try:
            return await self._keys().secret(_account(key_id))
        except KeyringMissing:
            return None

    async def write(self, key_id: str, text: str) -> None:
        """Store a key and verify it.

        Raises:
            CredentialError: If the key cannot be stored.
        """
        await self._keys().keep_secret(_account(key_id), text)

    async def hold(self, key_id: str, text: str) -> bool:
        """Hold a key in memory for this run, and store it if possible. Returns whether it was stored."""
        self._this_run[key_id] = text
        try:
            await self.write(key_id, text)
        except CredentialError:
            return False
        return True

    async def erase(self, key_id: str) -> None:
        """Delete a key.

        Raises:
            KeyringLocked: If the keyring cannot be changed.
            KeyringTimeout: If the keyring does not respond.
        """
        self._this_run.pop(key_id, None)
        await self._keys().forget_secret(_account(key_id))


def _account(key_id: str) -> str:
    return f"conversations {key_id}"
