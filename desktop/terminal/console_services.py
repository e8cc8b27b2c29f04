"""Services of the application, with a console for output."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from desktop import services
from desktop.errors import StoreError
from desktop.settings.schema import ENCRYPTION, RETENTION
from desktop.terminal.console import Console

if TYPE_CHECKING:
    from desktop.store.store import Store


@dataclass(kw_only=True)
class ConsoleServices(services.Services):
    """Services for all commands. Notices about the store are printed when the store is opened."""

    console: Console

    @classmethod
    def over(cls, made: services.Services, console: Console) -> ConsoleServices:
        """Return the same services with a console.

        The returned services must be closed instead of the original ones.
        """
        return cls(console=console, **{each.name: getattr(made, each.name) for each in fields(made) if each.init})

    async def store(self) -> Store:
        """Return the open store.

        Raises:
            StoreError: If it cannot be opened.
        """
        first = self._store is None
        store = await super().store()
        if first:
            for notice in store.notices:
                self.console.note(notice)
            if self.new_code:
                self.console.note(f"The conversations were encrypted. Their recovery code, shown once: {self.new_code}")
                self.new_code = ""
            with self._left_for_later():
                await self.tidy()
        return store

    async def _end_run(self, store: Store) -> None:
        with self._left_for_later():
            await super()._end_run(store)

    @contextmanager
    def _left_for_later(self) -> Generator[None]:
        """Continue with a note if due deletions fail (on a full disk, for example), because reading still works."""
        try:
            yield
        except StoreError as error:
            self.console.note(f"Conversations past their retention period could not be deleted yet: {error.message}")

    async def prompt_history(self) -> Path | None:
        """Return the file for typed prompts, or None if they may not be stored as plain text or beyond this session."""
        encrypted = (await self.store()).encryption.on or self.settings.get(
            ENCRYPTION
        )  # or encryption is requested but not yet possible
        if encrypted or self.settings.get(RETENTION) == "run":
            try:
                self.forget_plain_text()
            except StoreError as error:
                self.console.note(f"Earlier prompts are still in the prompt history: {error.message}")
            return None
        return self.paths.prompt_history_file
