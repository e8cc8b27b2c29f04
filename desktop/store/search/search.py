"""Full-text search by words, titles and filters, fast in stores of any size."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from desktop.domain.conversation_types import now
from desktop.store.records import letter_folds, row_mapping
from desktop.store.search import query as queries
from desktop.store.search.newest_texts import NewestTexts
from desktop.store.search.query import Query
from desktop.store.search.search_hit import SearchHit
from desktop.store.search.seeker import FoundMessage, Seeker
from desktop.store.sqlite.database import Database
from desktop.store.sqlite.sql import Sql
from desktop.text.late_pattern import late_pattern

_BLOCK = 4096  # characters folded at a time when a snippet is sought
_SOUGHT = 200_000  # characters of a message in which a snippet is sought
_PIECE = late_pattern(rf"{letter_folds.TOGETHER}|[\x00-\x7f]+(?!·)|.", re.DOTALL)
"""Characters that are folded together, runs of ASCII, or single characters."""

_MOST_MARKED = 20  # words of a search that are marked in a snippet

Marked = tuple[str, ...]
"""Folded spellings of a search word, in order of preference for highlighting."""


def excerpt(text: str, sought: Sequence[Marked], width: int = 120) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return about `width` characters around the first match, on one line, and the positions of matches in them."""
    patterns = [_patterns(each) for each in sought[:_MOST_MARKED]]
    at = _position(text, patterns)
    start = max(0, at - width // 3)
    if start:
        space = text.find(" ", start, at)
        start = space + 1 if space >= 0 else start
    end = min(len(text), start + width)
    if end < len(text):
        space = text.rfind(" ", at + width // 3, end)
        end = space if space > 0 else end
    middle = " ".join(text[start:end].replace("\0", " ").split())
    shown = f"{'…' if start else ''}{middle}{'…' if end < len(text) else ''}"
    return shown, _marks(shown, patterns)


def _marks(text: str, patterns: Sequence[Sequence[re.Pattern[str]]]) -> tuple[tuple[int, int], ...]:
    folded, offsets = _bare(text)
    ends = [*offsets, len(text)]
    places: set[tuple[int, int]] = set()
    for word in patterns:
        found = ([*pattern.finditer(folded)] for pattern in word)
        hits = next((each for each in found if each), list[re.Match[str]]())
        places |= {(offsets[hit.start()], ends[hit.end() - 1] + 1) for hit in hits}
    marks: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if marks and start <= marks[-1][1]:
            marks[-1] = marks[-1][0], max(end, marks[-1][1])
        else:
            marks.append((start, end))
    return tuple(marks)


def _position(text: str, patterns: Sequence[Sequence[re.Pattern[str]]]) -> int:
    """Return the start of the first match, or 0."""
    ordered = [
        word[place] for place in range(max(map(len, patterns), default=0)) for word in patterns if place < len(word)
    ]
    for start in range(0, min(len(text), _SOUGHT), _BLOCK):
        folded, offsets = _bare(text[start : start + _BLOCK + 100])
        for pattern in ordered:
            hit = pattern.search(folded)
            if hit is not None:
                return start + offsets[hit.start()]
    return 0


@lru_cache(4 * _MOST_MARKED)
def _patterns(marked: Marked) -> tuple[re.Pattern[str], ...]:
    """Return patterns that match a word at the start of a word, and anywhere."""
    bodies = [r"\s+".join(map(re.escape, word.split())) for word in marked]
    return tuple(re.compile(pattern) for body in bodies if body for pattern in (rf"(?<!\w){body}", body))


def _bare(text: str) -> tuple[str, Sequence[int]]:
    """Return the folded text, and the original position of each of its characters."""
    if text.isascii():
        return text.lower(), range(len(text))
    folded: list[str] = []
    offsets: list[int] = []
    for match in _PIECE.finditer(text):
        piece, start = match[0], match.start()
        if piece.isascii():
            folded.append(piece.lower())
            offsets += range(start, start + len(piece))
            continue
        bare = _letters(piece)
        folded.append(bare)
        offsets += [start] * len(bare)
    return "".join(folded), offsets


@lru_cache(4096)
def _letters(piece: str) -> str:
    """Fold one character, or several that are folded together."""
    if len(piece) > 1:
        return letter_folds.folded_together(piece)
    return letter_folds.folded(unicodedata.normalize("NFKC", piece).casefold())


_MESSAGES = (
    f"SELECT m.seq, m.id, m.parts, m.created_at, c.seq, {row_mapping.SUMMARY} FROM messages m"  # noqa: S608 - only constants
    " JOIN conversations c ON c.seq = m.conversation WHERE m.seq IN (SELECT value FROM json_each(?))"
)
_CONVERSATIONS = (
    f"SELECT 0, '', NULL, NULL, c.seq, {row_mapping.SUMMARY} FROM conversations c"  # noqa: S608 - only constants
    " WHERE c.seq IN (SELECT value FROM json_each(?))"
)
_TYPING_S = 20.0
"""Seconds without a search after which the cached texts are dropped."""


class Search:
    """Full-text search in one database."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._clock = clock
        self._newest = NewestTexts()
        self._forgetting: asyncio.TimerHandle | None = None

    async def search(self, text: str, limit: int = 50) -> tuple[SearchHit, ...]:
        """Return up to `limit` messages that contain all words, newest first. The last word is a prefix.

        Case and diacritics are ignored.
        """
        at = self._clock().astimezone()
        query = queries.parse(text, at)
        if query.is_empty:
            return ()
        given_up = threading.Event()

        def job(sql: Sql) -> tuple[SearchHit, ...]:
            """Search on the reader's thread; stop early if canceled."""
            found: tuple[SearchHit, ...] = ()
            for loosely in (False, True):
                if not found and not given_up.is_set():
                    asked = queries.parse(text, at, loosely=True) if loosely else query
                    found = _search(sql, asked, limit, given_up.is_set, self._newest)
            return found

        try:
            return await self._database.read(job)
        except asyncio.CancelledError:
            given_up.set()
            raise
        finally:
            self._forget_soon()

    def _forget_soon(self) -> None:
        if self._forgetting is not None:
            self._forgetting.cancel()
        self._forgetting = asyncio.get_running_loop().call_later(_TYPING_S, self._newest.forget)


def _search(
    sql: Sql, query: Query, limit: int, given_up: Callable[[], bool], newest: NewestTexts
) -> tuple[SearchHit, ...]:
    matches = Seeker(sql, query, limit, given_up, newest).find()
    sought = [term.marked for term in query.terms]
    hits = {
        **_hits(sql, _MESSAGES, [each.message for each in matches if each.message], sought),
        **_hits(sql, _CONVERSATIONS, [-each.conversation for each in matches if not each.message], sought),
    }
    # Entries that exist only in the index are damage and are skipped.
    return tuple(hits[_key(each)] for each in matches if _key(each) in hits)


def _key(found: FoundMessage) -> int:
    return found.message or -found.conversation


def _hits(sql: Sql, statement: str, seqs: Sequence[int], sought: Sequence[Marked]) -> dict[int, SearchHit]:
    """Return the displayed text of each match. Messages are read one at a time, because each may be large."""
    if not seqs:
        return {}
    read = sql.each(statement, (json.dumps([abs(seq) for seq in seqs]),))
    return {row[0] or -row[4]: _hit(row, sought) for row in read}


def _hit(row: tuple[Any, ...], sought: Sequence[Marked]) -> SearchHit:
    _, message_id, parts, at, _, *columns = row
    (summary,) = row_mapping.summaries([tuple(columns)])
    said = row_mapping.plain(row_mapping.readable(row_mapping.text_of(parts))) if parts else ""
    snippet, marks = excerpt(said, sought)
    return SearchHit(
        conversation=summary,
        message_id=message_id,
        snippet=snippet,
        marks=marks,
        at=None if at is None else row_mapping.from_ms(at),
    )
