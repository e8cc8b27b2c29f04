"""The store: opens and closes a data folder and provides conversations, search and backups."""

from __future__ import annotations

import builtins
import shutil
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import msgspec

from desktop.domain.conversation_types import new_id, now
from desktop.domain.suite_cells import PairVerdict, RunKind
from desktop.errors import StoreFull, StoreNewer
from desktop.redaction.redactor import Mask
from desktop.store import costs
from desktop.store.comparisons import Comparisons
from desktop.store.conversation_list import Listings
from desktop.store.conversations import Conversations
from desktop.store.encryption.encryption import Encryption, NoVault, Vault, forget_unused, supply
from desktop.store.files.attached_files import AttachedFiles
from desktop.store.opening import database_healing
from desktop.store.opening.store_opener import KeyWanted, Options, StoreOpener
from desktop.store.records import judge_verdict_rows, row_mapping, suite_run_rows
from desktop.store.records.tags import Tags
from desktop.store.retention import Retention
from desktop.store.sqlite.cipher import Key
from desktop.store.sqlite.database import Database
from desktop.store.sqlite.lane import Lane
from desktop.store.sqlite.sql import Sql
from desktop.store.suite_runs import SuiteRuns
from desktop.store.votes import Votes
from desktop.text.phrases import phrase

if TYPE_CHECKING:
    from desktop.store.backup.safety import Safety
    from desktop.store.batch_jobs import BatchJobs
    from desktop.store.past_turns import PastTurns
    from desktop.store.receipts import Receipts
    from desktop.store.revealed_rounds import RevealedRounds
    from desktop.store.rounds import Rounds
    from desktop.store.search.index_renewal import IndexRenewal
    from desktop.store.search.search import Search
    from desktop.store.search.search_hit import SearchHit
    from desktop.store.timings import Timings


class JudgeVerdicts:
    """Judges' verdicts stored in one database. All methods may raise StoreError, RunUnknown and RunAmbiguous."""

    def __init__(self, database: Database, clock: Callable[[], datetime], mask: Mask) -> None:
        self._database = database
        self._clock = clock
        self._mask = mask

    async def keep(self, run_id: str, verdict: PairVerdict) -> None:
        """Store a verdict durably, and add its cost to that of the run."""
        masked = self._masked(verdict)
        at_ms = row_mapping.to_ms(self._clock())
        await self._database.write(
            lambda sql: judge_verdict_rows.keep(sql, suite_run_rows.find(sql, run_id), masked, at_ms=at_ms)
        )

    async def list(self, run_id: str) -> builtins.list[PairVerdict]:
        """Return all verdicts of a run in case order, including failed ones."""
        return await self._database.read(lambda sql: judge_verdict_rows.listed(sql, suite_run_rows.find(sql, run_id)))

    async def forget(self, run_id: str, verdict: PairVerdict) -> None:
        """Delete a verdict, so that the pair can be judged again."""
        await self._database.write(
            lambda sql: judge_verdict_rows.forget(sql, suite_run_rows.find(sql, run_id), verdict)
        )

    async def forget_problems(self, run_id: str) -> int:
        """Delete failed verdicts, so that they are requested again, and return their number."""
        return await self._database.write(
            lambda sql: judge_verdict_rows.forget_problems(sql, suite_run_rows.find(sql, run_id))
        )

    def _masked(self, verdict: PairVerdict) -> PairVerdict:
        """Return a verdict with keys redacted in the judge's text."""
        first, second = map(self._mask.hide, verdict.reasons)
        return msgspec.structs.replace(verdict, reasons=(first, second), problem=self._mask.hide(verdict.problem))


_LEAST = 1 << 20
"""Minimum free space in bytes. A page is written in addition, because free space does not reflect quotas."""


def prove(sql: Sql) -> None:
    """Test for space by a write that changes nothing.

    Raises:
        StoreFull: If there is no space.
        apsw.Error: If the database fails.
        OSError: If the free space cannot be determined.
    """
    path = Path(sql.connection.filename)
    if shutil.disk_usage(path.parent).free < _LEAST:
        raise StoreFull(phrase("The disk is full. Paragone cannot write to {path}.", path=path))
    sql.pragma("user_version", int(sql.pragma("user_version") or 0))


class Store:
    """An open database in a data folder. Create it with `open` and close it, preferably with `async with`.

    Parts that ordinary prompts do not need are imported on first use.
    """

    def __init__(
        self, database: Database, opening: StoreOpener, clock: Callable[[], datetime], vault: Vault, mask: Mask
    ) -> None:
        self.require_way_in: Callable[[], None] = lambda: None
        """Raises PolicyForbids where nothing may be brought in from a file."""
        self.files = AttachedFiles(database, clock)
        self.votes = Votes(database, clock, mask)
        self.conversations = Conversations(database, opening.run_id, clock, mask, self.files, self.votes)
        self.comparisons = Comparisons(database, clock, self.votes)
        self.suite_runs = SuiteRuns(database, opening, clock, mask)
        self.replays = SuiteRuns(database, opening, clock, mask, RunKind.REPLAY)
        self.judge_verdicts = JudgeVerdicts(database, clock, mask)
        self.tags = Tags(database)
        self.listings = Listings(database)
        self.encryption = Encryption(database, opening, vault, self.files)
        self.retention = Retention(database, opening, self.files, self.votes)
        self.run_id = opening.run_id
        self.notices: tuple[str, ...] = tuple(opening.notices)
        """What the user should know of opening, each one sentence or two."""
        self.recovered = opening.recovered
        """How many answers of dead runs became interrupted."""
        self.aside = opening.aside
        """Where a damaged database was set aside at this opening; None where it was sound."""
        self._database = database
        self._opening = opening
        self._clock = clock
        self._mask = mask

    @classmethod
    async def open(
        cls,
        data_dir: Path,
        run_id: str | None = None,
        clock: Callable[[], datetime] = now,
        *,
        options: Options | None = None,
        vault: Vault | None = None,
        new_key: Key | None = None,
        mask: Mask | None = None,
    ) -> Self:
        """Open or create the database in `data_dir`; other processes may have it open, too."""
        vault = vault or NoVault()
        opening = StoreOpener(data_dir, run_id or new_id(), clock, options or Options(), new_key)
        lane = Lane("store-writer")
        try:
            sql = await _opened(opening, lane, vault)
            await forget_unused(opening, vault)
        except StoreNewer as refused:
            lane.submit(opening.discard)
            lane.stop(wait=False)
            raise await _with_way_back(refused, opening.folder, vault) from None
        except BaseException:
            # If only the waiting task was canceled, opening still completes and must be undone.
            lane.submit(opening.discard)
            lane.stop(wait=False)
            raise
        store = cls(Database(opening.access, sql, lane), opening, clock, vault, mask or Mask())
        try:
            store.notices += await store.files.look(opening.exclusively)
        except BaseException:
            await store.aclose()
            raise
        return store

    @cached_property
    def rounds(self) -> Rounds:
        """Blind rounds that have not been revealed."""
        from desktop.store.rounds import Rounds

        return Rounds(self._database, self._opening, self._mask)

    @cached_property
    def revealed_rounds(self) -> RevealedRounds:
        """Conversion of revealed blind rounds into conversations."""
        from desktop.store.revealed_rounds import RevealedRounds

        return RevealedRounds(self._database, self.run_id, self._mask, self.votes)

    @cached_property
    def receipts(self) -> Receipts:
        """Receipts of all responses."""
        from desktop.store.receipts import Receipts

        return Receipts(self._database, self.files)

    @cached_property
    def past_turns(self) -> PastTurns:
        """Turns by the model that answered."""
        from desktop.store.past_turns import PastTurns

        return PastTurns(self._database)

    @cached_property
    def timings(self) -> Timings:
        """Response times of all responses."""
        from desktop.store.timings import Timings

        return Timings(self._database)

    @cached_property
    def batch_jobs(self) -> BatchJobs:
        """Batch API jobs of runs."""
        from desktop.store.batch_jobs import BatchJobs

        return BatchJobs(self._database, self._mask)

    @cached_property
    def safety(self) -> Safety:
        """Backups, restoring, and moving the data folder."""
        from desktop.store.backup.safety import Safety

        return Safety(self._database, self._opening, self.encryption, self.files, require=self.require_way_in)

    @cached_property
    def index_renewal(self) -> IndexRenewal:
        """Renewal of an outdated search index."""
        from desktop.store.search.index_renewal import IndexRenewal

        return IndexRenewal(self._database)

    @cached_property
    def _search(self) -> Search:
        from desktop.store.search.search import Search

        return Search(self._database, self._clock)

    @property
    def path(self) -> Path:
        """Path of the database."""
        return self._database.path

    @property
    def read_only(self) -> bool:
        """Whether the database cannot be written."""
        return self._database.read_only

    async def prove_room(self) -> None:
        """Test for disk space by rewriting a page.

        Raises:
            StoreFull: If there is no space.
            StoreError: If writing fails for another reason.
        """
        await self._database.write(prove)

    async def version(self) -> int:
        """Return a number that changes when another process has written; fast."""
        return await self._database.version()

    def hurry(self) -> None:
        """Wait only briefly for other processes from now on, because the program is quitting."""
        self._database.hurry()

    async def settled(self) -> None:
        """Wait until all queued writes have completed or failed."""
        await self._database.settled()

    async def search(self, text: str, limit: int = 50) -> tuple[SearchHit, ...]:
        """Return messages that contain all words, newest first; see `Search.search`."""
        return await self._search.search(text, limit)

    async def spent(self, since: datetime) -> float:
        """Return the cost in US dollars of responses since a time, as far as list prices are known.

        Raises:
            StoreError: If the database fails.
        """
        return await self._database.read(lambda sql: costs.since(sql, since))

    async def backup(self, path: Path) -> None:
        """Back up to a file; see `Safety.backup`."""
        await self.safety.backup(path)

    async def backup_daily(self) -> Path | None:
        """Create the daily backup; see `Safety.backup_daily`."""
        return await self.safety.backup_daily()

    async def aclose(self) -> None:
        """Complete queued work and close the files. Safe to call more than once."""
        try:
            await self.files.aclose()
            await self._database.aclose()
        finally:
            if self._database.damaged:
                database_healing.doubt(self._opening.path)
            self._opening.runs.end(clean=not self._database.damaged)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


async def _with_way_back(refused: StoreNewer, folder: Path, vault: Vault) -> StoreNewer:
    """Return the error with the newest backup that this version can read, and the command that restores it."""
    from desktop.store.backup.earlier_backups import newest_earlier

    backup = await newest_earlier(folder, vault)
    if backup is None:
        return refused
    hint = phrase(
        "Install the newer version, or go back to the newest backup that this version can read: "
        "paragone storage restore {backup}. The database was not changed.",
        backup=backup,
    )
    return StoreNewer(refused.message, hint=hint)


async def _opened(opening: StoreOpener, lane: Lane, vault: Vault) -> Sql | None:
    """Open the database, fetching each key that is needed. Return None if it is read-only."""
    while True:
        try:
            return await lane.run(opening.run)
        except KeyWanted as wanted:
            await supply(opening, wanted, vault)
