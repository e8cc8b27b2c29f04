"""Retention rules, and permanent deletion of expired conversations."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from msgspec import Struct, field

from desktop.domain.conversation_types import ModelRef
from desktop.settings.schema import RETENTION, RETENTION_DAYS
from desktop.settings.values import Settings
from desktop.store import purge
from desktop.store.files.attached_files import AttachedFiles
from desktop.store.opening.store_opener import StoreOpener
from desktop.store.records import emptied_comparisons, row_mapping, vote_rows
from desktop.store.sqlite.database import Database
from desktop.store.sqlite.sql import Sql
from desktop.store.votes import Votes
from desktop.system.log import logger
from desktop.system.plain_files import read_plain
from desktop.system.private_files import write_private

_DAY_MS = 86_400_000
_JUMP_MS = 7 * _DAY_MS
"""Jump of the clock after which the clock is not trusted."""

_OFTEN_MS = 3_600_000
"""Minimum interval between records of the clock."""

_MOST_BYTES = 1_000
_log = logger("store")


class _Noted(Struct):
    """Times in milliseconds since 1970: when the clock was last trusted, and when it was first doubted."""

    believed: int
    doubted: int | None = None


class TermClock:
    """Record of the clock in one data folder, shared by all processes."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock.json"

    def is_believed(self, at: int) -> bool:
        """Whether the clock shows a plausible time, so that expired data may be deleted. Updates the record.

        A clock that jumped ahead by more than a week is trusted after a day.
        """
        noted = self._read()
        doubted = noted.doubted if noted is not None else None
        if noted is not None and at - noted.believed > _JUMP_MS and (doubted is None or at - doubted < _DAY_MS):
            if doubted is None or at < doubted:
                _log.warning(
                    "the clock is %d days ahead of its last time: nothing goes for its age today", _days(noted, at)
                )
                self._write(msgspec.structs.replace(noted, doubted=at))
            return False
        if noted is None or doubted is not None or abs(at - noted.believed) > _OFTEN_MS:
            self._write(_Noted(at))
        return True

    def _read(self) -> _Noted | None:
        """Return the record, or None if it is missing or unreadable."""
        try:
            return msgspec.json.decode(read_plain(self._file, _MOST_BYTES), type=_Noted)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            _log.warning("when the clock was believed last could not be read: %s", type(error).__name__)
            return None

    def _write(self, noted: _Noted) -> None:
        try:
            write_private(self._file, msgspec.json.encode(noted))
        except OSError as error:
            _log.warning("when the clock was believed last could not be kept: %s", type(error).__name__)


def _days(noted: _Noted, at: int) -> int:
    return (at - noted.believed) // _DAY_MS


class RetentionRule(Struct, frozen=True):
    """Number of days for which conversations are stored: 0 for this run only, None for no limit.

    `connections` may have fewer days. Pinned conversations do not expire unless `strict`, which a policy can set.
    """

    days: int | None = None
    connections: Mapping[str, int] = field(default_factory=dict[str, int])
    strict: bool = False

    def days_of(self, connection: str) -> int | None:
        """Return the number of days for a connection's conversations."""
        own = self.connections.get(connection)
        if self.days is None or own is None:
            return own if self.days is None else self.days
        return min(self.days, own)

    def is_due(self, connection: str, spoken_at: datetime, at: datetime, *, pinned: bool) -> bool:
        """Whether a conversation has expired, or will expire when this run ends.

        Args:
            spoken_at: Time of the conversation's last use.
            at: The current time.
        """
        days = self.days_of(connection)
        if days is None or (pinned and not self.strict):
            return False
        return not days or spoken_at < at - timedelta(days=days)

    def of_runs(self) -> RetentionRule:
        """Return the rule restricted to conversations stored for one run only, which does not depend on the clock."""
        runs = {name: days for name, days in self.connections.items() if not days}
        return msgspec.structs.replace(self, days=self.days and None, connections=runs)


KEEP_ALL = RetentionRule()
"""Rule with which nothing expires."""


def rule_of(settings: Settings, locked: Collection[str] = ()) -> RetentionRule:
    """Return the rule in the settings; `locked` are the options that a policy determines."""
    days = {"all": None, "days": settings.get(RETENTION_DAYS), "run": 0}[settings.get(RETENTION)]
    if not settings.is_sure(RETENTION) or (days and not settings.is_sure(RETENTION_DAYS)):
        days = None
    own = {each.name: each.keep_days for each in settings.known if each.keep_days is not None}
    return RetentionRule(days, own, strict=RETENTION.key in locked)


class Retention:
    """Retention of the conversations in one open database."""

    def __init__(self, database: Database, opening: StoreOpener, files: AttachedFiles, votes: Votes) -> None:
        self._files = files
        self._votes = votes
        self._database = database
        self._opening = opening

    async def ages_count(self) -> bool:
        """Return whether data may be deleted by age, which is not the case after the clock jumped ahead."""
        terms, now = TermClock(self._opening.folder), row_mapping.to_ms(self._opening.clock())
        return not self._database.read_only and await self._database.beside(lambda: terms.is_believed(now))

    async def tidy(self, rule: RetentionRule, progress: purge.Progress = purge.silent, *, ending: bool = False) -> int:
        """Delete expired data and what an earlier purge left unfinished, and return the number of conversations."""
        if self._database.read_only:
            return 0
        await purge.finish(self._database)
        try:
            return await self._tidy(rule, progress, ending=ending)
        finally:
            await self._files.clear()

    async def _tidy(self, rule: RetentionRule, progress: purge.Progress, *, ending: bool) -> int:
        if rule.days is None and not rule.connections:
            return 0
        if not await self.ages_count():
            rule = rule.of_runs()
        now = self._opening.clock()
        living = await self._database.beside(self._opening.living_since)
        others = [since for run_id, since in living.items() if run_id != self._opening.run_id]
        spared = others if ending else [*others, living.get(self._opening.run_id, now)]
        ids = await self._database.read(lambda sql: _due(sql, rule, now, min(spared, default=None)))
        keep = self._votes.outlive()
        await purge.purge(self._database, ids, row_mapping.to_ms(now), progress, keep_votes=keep)

        def job(sql: Sql) -> None:
            """Delete expired comparisons and rounds in one transaction."""
            _purge_comparisons(sql, rule, now, keep_votes=keep)
            _purge_rounds(sql, rule, now, min(spared, default=None), keep_votes=keep)

        await self._database.write(job, scrub=True)
        return len(ids)


def _due(sql: Sql, rule: RetentionRule, now: datetime, spared: datetime | None) -> list[str]:
    """Return the ids of expired conversations. Those stored for one run only must be older than `spared`."""
    expired: list[str] = []
    for (connection,) in sql.rows("SELECT DISTINCT connection FROM conversations"):
        days = rule.days_of(connection)
        if days is None:
            continue
        until = row_mapping.to_ms(now - timedelta(days=days)) if days else None
        if not days and spared is not None:
            until = row_mapping.to_ms(spared)
        pinned = "" if rule.strict else " AND pinned_at IS NULL"
        expired += [
            id_
            for (id_,) in sql.rows(
                f"SELECT id FROM conversations WHERE connection = ? AND (? IS NULL OR updated_at < ?){pinned}",  # noqa: S608 - only constants
                (connection, until, until),
            )
        ]
    return expired


def _purge_comparisons(sql: Sql, rule: RetentionRule, now: datetime, *, keep_votes: bool) -> None:
    """Delete expired comparisons that have no conversations."""
    until = row_mapping.to_ms(now - timedelta(days=rule.days or 0)) if rule.days is not None else 0
    for seq, id_, updated_at, state in sql.rows("SELECT seq, id, updated_at, state FROM comparisons"):
        ids = emptied_comparisons.conversations_of(row_mapping.text_of(state))
        if not emptied_comparisons.are_there(sql, ids) and (ids or 0 < row_mapping.number_of(updated_at) < until):
            sql.run("DELETE FROM comparisons WHERE seq = ?", (seq,))
            vote_rows.forget_comparison(sql, row_mapping.text_of(id_), keep=keep_votes)


def _purge_rounds(sql: Sql, rule: RetentionRule, now: datetime, spared: datetime | None, *, keep_votes: bool) -> None:
    """Delete expired blind rounds. The shortest retention of their models counts."""
    for seq, id_, created_at, state in sql.rows("SELECT seq, id, created_at, state FROM rounds"):
        models = _models_of(row_mapping.text_of(state))
        times = [days for each in models if (days := rule.days_of(each.connection)) is not None]
        days = min(times, default=None) if models else rule.days
        if days is None:
            continue
        until = now - timedelta(days=days) if days else spared
        if until is None or row_mapping.number_of(created_at) < row_mapping.to_ms(until):
            sql.run("DELETE FROM rounds WHERE seq = ?", (seq,))
            vote_rows.forget_comparison(sql, row_mapping.text_of(id_), keep=keep_votes)


def _models_of(state: str) -> Sequence[ModelRef]:
    """Return the models of a round; none if it is unreadable."""
    try:
        return [each.model for each in msgspec.json.decode(state, type=_RoundState).conversations]
    except (msgspec.MsgspecError, RecursionError):
        return []


class _Asked(msgspec.Struct):
    model: ModelRef


class _RoundState(msgspec.Struct):
    conversations: tuple[_Asked, ...] = ()
