"""A store of 50,000 conversations and a million messages as people fill one, made once and kept below build/."""

from __future__ import annotations

import asyncio
import itertools
import random
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from desktop.domain.conversation_types import ModelRef
from desktop.domain.message_parts import TextPart
from desktop.store.migrations import MIGRATIONS
from desktop.store.opening.store_opener import FILE
from desktop.store.records import index_text, row_mapping
from desktop.store.sqlite import database
from desktop.store.sqlite.sql import Cell, Sql
from desktop.store.store import Store

CONVERSATIONS, MESSAGES = 50_000, 1_000_000
MODELS = (
    *((ModelRef(connection="foundry", name=name), share) for name, share in (("grok-3", 20), ("grok-3-mini", 12))),
    *((ModelRef(connection="foundry", name=name), share) for name, share in (("gpt-4.1", 25), ("gpt-4o", 18))),
    (ModelRef(connection="foundry", name="llama-3.3-70b"), 10),
    (ModelRef(connection="lab", name="qwen3-32b"), 5),
    (ModelRef(connection="imported-chatgpt", name="gpt-4o"), 7),
    (ModelRef(connection="embedded", name="smollm2"), 3),
)
LONGEST = 2_000
_BUILD = Path(__file__).resolve().parents[2] / "build"
_MADE = 2  # counts up when other stores are made by this file
_END = 1_790_000_000_000  # the newest message, milliseconds
_NEVER = 4_000_000_000_000  # moved to the trash so late that its term is never over
_YEARS = 2 * 365 * 86_400_000

_COMMON = (  # noqa: SIM905
    "the of and to a in is that for it as with was on be by this are or an from at have not you can which but we if"
    " will one all would there their what so up out about who get when make like time just know take people into year"
    " your good some could them see other than then now look only come its over think also back after use two how our"
    " work first well way even new want because any these give day most us model data error function list file value"
    " code python server request answer question example number string table system user class return result test"
).split()
_OTHER = (
    "我们 可以 使用 这个 函数 来 处理 数据 天空 是 蓝色 的 因为 短波 散射 更多 请 查看 下面 例子".split(),  # noqa: SIM905
    "يمكننا استخدام هذه الدالة لمعالجة البيانات السماء زرقاء لأن الموجات القصيرة تتشتت أكثر من الطويلة".split(),  # noqa: SIM905
    "die Funktion gibt einen Wert zurück weil größere Straßen schöner für die Übung über den Fluss führen".split(),  # noqa: SIM905
)
_CODE = "```python\ndef {name}({first}: int) -> int:\n    total = {first} * {number}\n    return total + {number}\n```"
_MESSAGE = (
    "INSERT INTO messages (seq, id, conversation, parent, role, status, created_at, facts, parts, words)"
    " VALUES (?, ?, ?, ?, ?, 'complete', ?, ?, ?, ?)"
)
_CONVERSATION = (
    "INSERT INTO conversations (seq, id, title, words, connection, model, created_at, updated_at, trashed_at, current,"
    " system, parameters, pinned_at, archived_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '{\"values\":{}}', ?, ?)"
)


def great_store() -> Path:
    """A data folder (below it `data` with the database), made where it is not there yet: takes some minutes once."""
    folder = _BUILD / f"great-store-{_MADE}-{len(MIGRATIONS)}"
    if (folder / "data" / "made").exists():
        return folder
    for older in _BUILD.glob("great-store-*"):
        shutil.rmtree(older)
    began = time.monotonic()
    asyncio.run(make(folder / "data", CONVERSATIONS, MESSAGES))
    (folder / "data" / "made").touch()
    print(f"made a store of {MESSAGES:,} messages in {time.monotonic() - began:.0f} s", file=sys.stderr)
    return folder


async def make(folder: Path, conversations: int, messages: int) -> None:
    """Make a store of that many conversations and messages in a folder that is not there yet."""
    async with await Store.open(folder):
        pass  # the program's own schema, in a file of the program's own modes
    sql = database.connect(folder / FILE)
    try:
        sql.run("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; PRAGMA foreign_keys = OFF")
        maker = Maker(conversations, messages)
        with sql.transaction():
            sql.run_each(_MESSAGE, maker.messages())
        with sql.transaction():
            sql.run_each(_CONVERSATION, maker.conversations)
            sql.run_each("INSERT INTO conversation_tags VALUES (?, ?, ?)", maker.tags)
        _check(sql, maker)
        sql.run("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        sql.close()


def _check(sql: Sql, maker: Maker) -> None:
    assert sql.integer("SELECT count(*) FROM conversations") == len(maker.lengths)
    assert sql.integer("SELECT count(*) FROM messages") == sum(maker.lengths)
    assert not sql.rows("PRAGMA foreign_key_check")


def spoken_words() -> tuple[str, ...]:
    """Words that the messages hold, from very frequent to rare: what somebody may type into the search."""
    vocabulary = Vocabulary(random.Random(1))
    ranks = (0, 4, 30, 90, 150, 300, 700, 1_500, 3_000, 6_000, 12_000, 19_000)
    return tuple(vocabulary.words[rank] for rank in ranks)


class Vocabulary:
    """Words by rank, and sentences of them: frequent words frequent, as language has it."""

    def __init__(self, rng: random.Random, size: int = 20_000) -> None:
        self._rng = rng
        starts = (*"bcdfgklmnprstv", "st", "pr", "tr")
        syllables = [first + last for first in starts for last in "aeiou"]
        made: dict[str, None] = dict.fromkeys(_COMMON)
        while len(made) < size:
            stem = "".join(rng.choices(syllables, k=rng.choice((2, 2, 3, 3, 4))))
            made[stem + rng.choice(("", "n", "s", "r"))] = None
        self.words = tuple(made)
        self._weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(size)))
        self.sentences = [self._sentence() for _ in range(60_000)]

    def _sentence(self) -> str:
        chosen = self._rng.choices(self.words, cum_weights=self._weights, k=self._rng.randrange(4, 22))
        return " ".join(chosen).capitalize() + self._rng.choice((".", ".", ".", "?", ":", "!"))


@dataclass
class Maker:
    """Rows, with their seqs, of a store: conversations one after the other, so that seqs are in order of time."""

    wanted: int
    total: int
    rng: random.Random = field(default_factory=lambda: random.Random(1))
    conversations: list[tuple[Cell, ...]] = field(default_factory=list[tuple[Cell, ...]])
    tags: list[tuple[Cell, ...]] = field(default_factory=list[tuple[Cell, ...]])

    def __post_init__(self) -> None:
        self.vocabulary = Vocabulary(random.Random(1))
        self.lengths = self._lengths()

    def messages(self) -> Iterator[tuple[Cell, ...]]:
        """All messages; `conversations` and `tags` are filled on the way."""
        seq = 0
        for number, length in enumerate(self.lengths, 1):
            at = _END - _YEARS + _YEARS * number // self.wanted
            model = self.rng.choices([ref for ref, _ in MODELS], [share for _, share in MODELS])[0]
            facts = row_mapping.to_json(row_mapping.Facts(model=model))
            first = seq + 1
            for place in range(length):
                seq += 1
                at += self.rng.randrange(5_000, 90_000)
                answers = bool(place % 2)
                # Now and then a prompt or an answer is a second one beside the last.
                back = 3 if place > 3 and self.rng.random() < 0.03 else 1
                parent = seq - back if place else None
                said = self._text(answers=answers)
                role, known = ("assistant", facts) if answers else ("user", "{}")
                parts = msgspec.json.encode((TextPart(text=said),)).decode()
                yield seq, f"m{seq:031x}", number, parent, role, min(at, _END), known, parts, index_text.indexed(said)
            self._keep(number, model, seq, min(at, _END), first)

    def _keep(self, number: int, model: ModelRef, current: int, at: int, first: int) -> None:
        title = " ".join(self.rng.choice(self.vocabulary.sentences).split()[:7]).rstrip(".?:!")
        chance = self.rng.random()
        marks = (_NEVER if chance < 0.01 else None, at if chance > 0.998 else None, at if 0.5 < chance < 0.55 else None)
        trashed, pinned, archived = marks
        id_ = f"c{number:031x}"
        names = model.connection, model.name
        self.conversations.append(
            (number, id_, title, index_text.indexed(title), *names, at - 60_000, at, trashed, current, pinned, archived)
        )
        if chance < 0.1:
            tag = self.rng.choice(("work", "home", "Rust", "recipes"))
            self.tags.append((number, tag.casefold(), tag))

    def _lengths(self) -> list[int]:
        """Many short conversations, few long ones, one of the longest; in all exactly as many as were asked for."""
        drawn = [self.rng.lognormvariate(0, 1.1) for _ in range(self.wanted)]
        scale = self.total / sum(drawn)
        lengths = [max(1, min(LONGEST, round(each * scale))) for each in drawn]
        if self.total > LONGEST * 10:
            lengths[self.wanted // 2] = LONGEST
        left = self.total - sum(lengths)
        while left:
            place = self.rng.randrange(self.wanted)
            step = 1 if left > 0 else -1
            if 1 <= lengths[place] + step < LONGEST:
                lengths[place] += step
                left -= step
        return lengths

    def _text(self, *, answers: bool) -> str:
        """About 500 characters on average: prompts short, answers long, some in other scripts, some with code."""
        rng = self.rng
        if rng.random() < 0.03:
            other = rng.choice(_OTHER)
            return self._pieces([" ".join(rng.choices(other, k=12)) for _ in range(8)], 6 if answers else 2)
        count = min(120, max(1, round(rng.lognormvariate(2.1 if answers else 0.5, 0.75))))
        text = self._pieces(self.vocabulary.sentences, count)
        if answers and rng.random() < 0.12:
            name, first = rng.choice(self.vocabulary.words), rng.choice(self.vocabulary.words)
            text += "\n\n" + _CODE.format(name=name, first=first, number=rng.randrange(1000))
        if rng.random() < 0.05:
            text += f" Ticket {rng.randrange(10**6):06d}."
        return text

    def _pieces(self, from_: Sequence[str], count: int) -> str:
        return " ".join(self.rng.choices(from_, k=count))


if __name__ == "__main__":
    print(great_store())
