"""The store as the program opens and closes it: conversations, search, backups, and what opening found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from desktop.domain import SearchHit, new_id, now
from desktop.store import backups, faults, restoring
from desktop.store.comparisons import Comparisons
from desktop.store.conversations import Conversations
from desktop.store.database import Database, Lane
from desktop.store.opening import BACKUPS, Opening, Options
from desktop.store.search import Search

DAILY_BACKUPS = 7


class Store:
    """The open database of one data folder. Make it with `open`; whoever opens closes, best by `async with`."""

    def __init__(self, database: Database, opening: Opening, clock: Callable[[], datetime]) -> None:
        self.conversations = Conversations(database, opening.run_id, clock)
        self.comparisons = Comparisons(database, clock)
        self.run_id = opening.run_id
        self.notices: tuple[str, ...] = tuple(opening.notices)
        """What the user should know of opening, each one sentence or two."""
        self.recovered = opening.recovered
        """How many answers of dead runs became interrupted."""
        self._search = Search(database)
        self._database = database
        self._runs = opening.runs
        self._clock = clock
        self._backups = opening.folder / BACKUPS

    @classmethod
    async def open(
        cls,
        data_dir: Path,
        run_id: str | None = None,
        clock: Callable[[], datetime] = now,
        *,
        options: Options | None = None,
    ) -> Self:
        """Open the database in `data_dir`, made where it is not there; other processes may have it open too.

        A damaged one is set aside and a new one begun: see `notices`. Raises StoreNewer (nothing was touched),
        StoreReadOnly, StoreFull, StoreBusy, and StoreCorrupt only while another run uses the damaged one.
        """
        options = options or Options()
        opening = Opening(data_dir, run_id or new_id(), clock, options)
        lane = Lane("store-writer")
        try:
            sql = await lane.run(opening.run)
        except BaseException:
            # Where only the waiting was cancelled, opening still ends by itself and must be undone.
            lane.submit(opening.discard)
            lane.stop(wait=False)
            raise
        return cls(Database(opening.path, sql, lane, vfs=options.vfs), opening, clock)

    @property
    def path(self) -> Path:
        """The database's file."""
        return self._database.path

    async def search(self, text: str, limit: int = 50) -> tuple[SearchHit, ...]:
        """Messages that hold every word of `text`, newest first; see `Search.search`."""
        return await self._search.search(text, limit)

    async def backup(self, path: Path) -> None:
        """Copy the database to a file, checked and whole or not at all, while it is used.

        Raises StoreFull, StoreReadOnly, StoreCorrupt.
        """
        await self._database.backup(path)

    async def backup_daily(self) -> Path | None:
        """Make today's backup (UTC) where there is none yet, keep the seven newest, and return its place if made.

        Raises StoreFull, StoreReadOnly, StoreCorrupt.
        """
        path = self._backups / backups.name(f"{self._clock():%Y%m%d}")
        if path.exists():
            return None
        await self._database.backup(path)
        with faults.typed(path):
            backups.prune(self._backups, DAILY_BACKUPS)
        return path

    async def restore_backup(self, path: Path) -> int:
        """Bring back the conversations of a backup that are not there, and return how many; the others stay.

        Raises StoreNewer, StoreCorrupt, StoreFull, StoreReadOnly; then none is brought back.
        """
        return await restoring.restore(self._database, path)

    async def aclose(self) -> None:
        """Finish what was queued, then let the files go. May be called twice."""
        try:
            await self._database.aclose()
        finally:
            self._runs.end(clean=not self._database.damaged)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
