"""Text as the search index takes it, a search as FTS5 takes it, and the snippet round a hit; pure.

FTS5's own tokenizer knows words by what stands between them. Scripts without spaces, and symbols, are turned here
into pairs of characters, each one an artificial word: “東京都” becomes 東京 京都 都. So a run of two characters or
more is found as a phrase of pairs, and a single one as the beginning of a pair.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

LONGEST = 2 << 20
"""Bytes of a message, as the index takes it, that are indexed; what is beyond is not found."""

MOST_TERMS, MOST_SOUGHT = 64, 400
"""Words or phrases of a search that are sought, and characters of one."""

_MARK = "\ue000"  # a private character, which FTS5 takes as a letter: no real word begins with it

# Chinese, Japanese, Korean, Thai, Lao, Tibetan, Burmese, Khmer, New Tai Lue; then currency, arrows, symbols, emoji.
_RANGES = (
    "\u3005-\u3007\u3040-\u30ff\u3100-\u312f\u3130-\u318f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff\uac00-\ud7af\u1100-\u11ff\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f"
    "\u1780-\u17ff\u1950-\u19df\u20a0-\u20cf\u2190-\u2bff\U0001f000-\U0001faff"
)
_RUN = re.compile(f"[{_RANGES}]+")
_FOLDED_BLOCK = 1024  # characters folded at a time for the index: to put marks in order takes their square
_PLAIN_BLOCK = 1 << 16  # the same where all of them are ASCII
_MOST_JOINED = 64  # characters that a block may be longer, so that it ends where nothing is torn
_BLOCK = 4096  # characters folded at a time when a snippet is sought
_SOUGHT = 200_000  # characters of a message in which a snippet is sought
_MOST_MARKED = 20  # words of a search that are marked in a snippet

# What FTS5's tokenizer takes as part of a word: letters, digits and private characters; all else stands between words.
_LETTER = "[^\\W_]|[\ue000-\uf8ff]"
_WORD = re.compile(f"(?:{_LETTER})+")
_BEGIN = "(?<![^\\W_])(?<![\ue000-\uf8ff])"
_END = f"(?!{_LETTER})"
_BETWEEN = "(?:_|[^\\w\ue000-\uf8ff])+"


def _without_diacritics() -> dict[int, str]:
    latin = itertools.chain(range(0xC0, 0x250), range(0x1E00, 0x1F00))
    found = {code: unicodedata.normalize("NFD", chr(code))[0] for code in latin}
    return {code: base for code, base in found.items() if base != chr(code)} | dict.fromkeys(range(0x300, 0x370), "")


_PLAIN = _without_diacritics()


def clean(text: str) -> str:
    """Text that UTF-8 can hold: halves of surrogate pairs are joined, lone ones become U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def indexed(text: str) -> str:
    """Text for the index: folded, with pairs in the place of what has no spaces; of its beginning, LONGEST bytes.

    Made piece by piece: some characters grow thirtyfold, and what goes beyond the bound is never made at all.
    """
    found: list[str] = []
    room = LONGEST
    for piece in _pieces(text):
        size = len(piece.encode())
        if size > room:
            found.append(piece.encode()[:room].decode("utf-8", "ignore"))
            # Cut between two words: half of one would be found as a word that nobody said. There may be none at all.
            return "".join("".join(found).rsplit(None, 1)[:1])
        found.append(piece)
        room -= size
    return "".join(found)


def _pieces(text: str) -> Iterator[str]:
    """Text for the index as a stream. A run that goes on beyond a block's end leaves its last character to the next."""
    held = ""
    for block in _blocks(text):
        folded = held + _folded(block)
        held = ""
        made: list[str] = []
        end = 0
        for run in _RUN.finditer(folded):
            made.append(folded[end : run.start()])
            end = run.end()
            if end == len(folded):
                held = folded[-1]
                made.append(f" {' '.join(_following(run.group()))} ")
            else:
                made.append(f" {' '.join(_pairs(run.group(), ended=True))} ")
        made.append(folded[end:])
        yield "".join(made)
    if held:
        yield f" {' '.join(_pairs(held, ended=True))} "


def _blocks(text: str) -> Iterator[str]:
    """A text in blocks that can be folded one by one: each begins with what does not join to the character before."""
    start = 0
    length = _PLAIN_BLOCK if text.isascii() else _FOLDED_BLOCK
    while start < len(text):
        end = min(start + length, len(text))
        while end < min(len(text), start + length + _MOST_JOINED) and _joins(text[end]):
            end += 1
        yield text[start:end]
        start = end


def _joins(character: str) -> bool:
    """Whether normalization may make one of a character and the one before it, or it is the half of a pair."""
    if character.isascii():
        return False
    first = unicodedata.normalize("NFKD", character)[0]
    return unicodedata.category(first)[0] == "M" or "\u1100" <= first <= "\u11ff" or "\udc00" <= first <= "\udfff"


@dataclass(frozen=True)
class Term:
    """One word or phrase of a search. `text` is folded; `expression` is FTS5's, `prefix` where it is a beginning."""

    text: str
    expression: str
    prefix: bool
    tokens: tuple[str, ...]
    """The words as they stand in text for the index, without diacritics."""

    def holds(self, plain: str) -> bool:
        """Whether it stands in text for the index that went through `plain`; as FTS5 would say."""
        return all(token in plain for token in self.tokens) and self._pattern.search(plain) is not None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        middle = _BETWEEN.join(map(re.escape, self.tokens))
        return re.compile(f"{_BEGIN}{middle}{'' if self.prefix else _END}")


def terms(said: Sequence[tuple[str, bool]]) -> tuple[Term, ...]:
    """Words of a search, and whether each is a phrase to be found exactly; those in which nothing can be sought go.

    Words are taken as they stand: what FTS5 would read as syntax is text. The last one is a beginning, if not exact. Of
    more or longer ones than are sought the first are, and their beginnings: FTS5's time grows with the square of both.
    """
    folded = [(_folded(text[: MOST_SOUGHT + 1]).replace('"', " "), exact) for text, exact in said[:MOST_TERMS]]
    kept = [(text, exact) for text, exact in folded if _is_sought(text[:MOST_SOUGHT])]
    found: dict[str, Term] = {}
    for place, (whole, exact) in enumerate(kept):
        text = whole[:MOST_SOUGHT].strip()
        pieces, prefix = _terms(text)
        typed = (not exact and place == len(kept) - 1) or len(whole) > MOST_SOUGHT
        prefix = prefix or (typed and text[-1:].isalnum() and not _RUN.fullmatch(text[-1]))
        expression = f'"{pieces}"{" *" if prefix else ""}'
        found[expression] = Term(text, expression, prefix, tuple(_WORD.findall(plain(pieces))))
    return tuple(found.values())


def _is_sought(text: str) -> bool:
    return bool(_RUN.search(text)) or any(map(str.isalnum, text))


def plain(text: str) -> str:
    """Text for the index without the diacritics that FTS5 leaves out of account."""
    return text if text.isascii() else text.translate(_PLAIN)


def excerpt(text: str, sought: Sequence[str], width: int = 120) -> tuple[str, tuple[tuple[int, int], ...]]:
    """About `width` characters round the first of the words sought, on one line; … where text was cut.

    With it the places (start, end) in it where words that were sought begin and end.
    """
    at = _position(text, sought)
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
    return shown, _marks(shown, sought)


def _marks(text: str, sought: Sequence[str]) -> tuple[tuple[int, int], ...]:
    folded, offsets = _bare(text)
    ends = [*offsets, len(text)]
    found: set[tuple[int, int]] = set()
    for word in sought[:_MOST_MARKED]:
        strict, loose = _patterns(word)
        for hit in [*strict.finditer(folded)] or [*loose.finditer(folded)]:
            if hit.end() > hit.start():
                found.add((offsets[hit.start()], ends[hit.end() - 1] + 1))
    marks: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if marks and start <= marks[-1][1]:
            marks[-1] = marks[-1][0], max(end, marks[-1][1])
        else:
            marks.append((start, end))
    return tuple(marks)


def _folded(text: str) -> str:
    # FTS5 reads a query up to its first NUL.
    if text.isascii():
        return text.replace("\0", " ").lower()
    return unicodedata.normalize("NFKC", clean(text)).replace("\0", " ").replace(_MARK, " ").casefold()


def _pairs(run: str, *, ended: bool) -> list[str]:
    """The artificial words of a run; `ended` adds its last character, as the index holds it."""
    codes = [f"{ord(character):05x}" for character in run]
    pairs = [_MARK + first + second for first, second in itertools.pairwise(codes)]
    return [*pairs, _MARK + codes[-1]] if ended or len(run) == 1 else pairs


def _following(run: str) -> list[str]:
    """The pairs of a run that goes on."""
    return _pairs(run, ended=False) if len(run) > 1 else []


def _terms(word: str) -> tuple[str, bool]:
    """A word's terms for one FTS5 phrase, and whether the last one is only the beginning of a pair."""
    terms: list[str] = []
    end = 0
    prefix = False
    for run in _RUN.finditer(word):
        terms.append(word[end : run.start()])
        end = run.end()
        followed = any(map(str.isalnum, word[end:]))
        terms.extend(_pairs(run.group(), ended=followed))
        prefix = not followed and len(run.group()) == 1
    terms.append(word[end:])
    return " ".join(term for term in terms if term), prefix


def _position(text: str, sought: Sequence[str]) -> int:
    """Where the first word that is found begins, 0 where none is."""
    patterns = [_patterns(word) for word in sought[:_MOST_MARKED]]
    ordered = [*(strict for strict, _ in patterns), *(loose for _, loose in patterns)]
    for start in range(0, min(len(text), _SOUGHT), _BLOCK):
        folded, offsets = _bare(text[start : start + _BLOCK + 100])
        for pattern in ordered:
            hit = pattern.search(folded)
            if hit is not None and hit.end() > hit.start():
                return start + offsets[hit.start()]
    return 0


def _patterns(word: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A word or phrase where a word begins, and anywhere; spaces in it are any white space."""
    body = r"\s+".join(re.escape(each) for each in _bare(word)[0].split())
    return re.compile(rf"(?<!\w){body}"), re.compile(body)


def _bare(text: str) -> tuple[str, Sequence[int]]:
    """Text without case and diacritics, and where each of its characters stood."""
    if text.isascii():
        return text.lower(), range(len(text))
    folded: list[str] = []
    offsets: list[int] = []
    for place, character in enumerate(text):
        if character.isascii():
            folded.append(character.lower())
            offsets.append(place)
            continue
        for plain in unicodedata.normalize("NFKD", character).casefold():
            if not unicodedata.combining(plain):
                folded.append(plain)
                offsets.append(place)
    return "".join(folded), offsets
