"""The services with a console to speak to."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from desktop import services
from desktop.terminal.console import Console

if TYPE_CHECKING:
    from desktop.store.store import Store


@dataclass(kw_only=True)
class Services(services.Services):
    """What every command works with. What is found amiss in the store is told when it is opened."""

    console: Console

    @classmethod
    def over(cls, made: services.Services, console: Console) -> Services:
        """The same services, with a console. From here on these are to be closed."""
        return cls(console=console, **{each.name: getattr(made, each.name) for each in fields(made) if each.init})

    async def store(self) -> Store:
        """The open store. Raises StoreError."""
        first = self._store is None
        store = await super().store()
        if first:
            for notice in store.notices:
                self.console.note(notice)
        return store
