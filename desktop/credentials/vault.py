"""Keyring for the store: keys of encrypted databases, each under its own name."""

from __future__ import annotations

from collections.abc import Callable

from desktop.credentials.keys import Keys
from desktop.errors import CredentialError, KeyringMissing


class KeyringVault:
    """Stores keys in the keyring; one recovered with a code may be held for this run only."""

    def __init__(self, keys: Callable[[], Keys]) -> None:
        self._keys = keys
        self._this_run: dict[str, str] = {}

    async def read(self, key_id: str) -> str | None:
        """Return a key, or None without a key or keyring.

        Raises:
            KeyringLocked: If the keyring cannot be read; also KeyringTimeout.
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
            CredentialError: If it cannot be stored.
        """
        await self._keys().keep_secret(_account(key_id), text)

    async def hold(self, key_id: str, text: str) -> bool:
        """Store a key if possible, otherwise hold it for this run; returns whether it is stored."""
        self._this_run[key_id] = text
        try:
            await self.write(key_id, text)
        except CredentialError:
            return False
        return True

    async def erase(self, key_id: str) -> None:
        """Delete a key.

        Raises:
            KeyringLocked: If the keyring cannot be changed; also KeyringTimeout.
        """
        self._this_run.pop(key_id, None)
        await self._keys().forget_secret(_account(key_id))


def _account(key_id: str) -> str:
    return f"conversations {key_id}"
