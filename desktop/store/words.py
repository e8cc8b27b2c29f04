"""Text as the search index takes it, a search as FTS5 takes it, and the snippet round a hit; pure.

FTS5's own tokenizer knows words by what stands between them. Scripts without spaces, and symbols, are turned here
into pairs of characters, each one an artificial word: “東京都” becomes 東京 京都 都. So a run of two characters or
more is found as a phrase of pairs, and a single one as the beginning of a pair.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Sequence

_MARK = "\ue000"  # a private character, which FTS5 takes as a letter: no real word begins with it

# Chinese, Japanese, Korean, Thai, Lao, Tibetan, Burmese, Khmer, New Tai Lue; then currency, arrows, symbols, emoji.
_RANGES = (
    "\u3005-\u3007\u3040-\u30ff\u3100-\u312f\u3130-\u318f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff\uac00-\ud7af\u1100-\u11ff\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f"
    "\u1780-\u17ff\u1950-\u19df\u20a0-\u20cf\u2190-\u2bff\U0001f000-\U0001faff"
)
_RUN = re.compile(f"[{_RANGES}]+")
_BLOCK = 4096  # characters folded at a time when a snippet is sought
_SOUGHT = 200_000  # characters of a message in which a snippet is sought


def clean(text: str) -> str:
    """Text that UTF-8 can hold: halves of surrogate pairs are joined, lone ones become U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def indexed(text: str) -> str:
    """Text for the index: folded, with pairs in the place of what has no spaces."""
    return _RUN.sub(lambda run: f" {' '.join(_pairs(run.group(), ended=True))} ", _folded(text))


def expressions(text: str) -> tuple[str, ...]:
    """A search as FTS5 expressions, one for each word and all of them required; empty where nothing can be found.

    Words are taken as they stand: what FTS5 would read as syntax is text. The last one is a prefix.
    """
    words = [word for word in searched(text) if _RUN.search(word) or any(map(str.isalnum, word))]
    found: list[str] = []
    for place, word in enumerate(words):
        terms, prefix = _terms(word)
        last = place == len(words) - 1 and word[-1].isalnum() and not _RUN.fullmatch(word[-1])
        found.append(f'"{terms}"{" *" if prefix or last else ""}')
    return tuple(found)


def searched(text: str) -> list[str]:
    """The words of a search, folded as the index is."""
    return _folded(text).replace('"', " ").split()


def snippet(text: str, search: str, width: int = 120) -> str:
    """About `width` characters round the first of the words searched for, on one line; … where text was cut."""
    at = _position(text, searched(search))
    start = max(0, at - width // 3)
    if start:
        space = text.find(" ", start, at)
        start = space + 1 if space >= 0 else start
    end = min(len(text), start + width)
    if end < len(text):
        space = text.rfind(" ", at + width // 3, end)
        end = space if space > 0 else end
    middle = " ".join(text[start:end].replace("\0", " ").split())
    return f"{'…' if start else ''}{middle}{'…' if end < len(text) else ''}"


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


def _position(text: str, words: Sequence[str]) -> int:
    """Where the first word that is found begins, 0 where none is."""
    bare = [_bare(word)[0] for word in words]
    patterns = [re.compile(rf"(?<!\w){re.escape(word)}") for word in bare if word]
    loose = [re.compile(re.escape(word)) for word in bare if word]
    for start in range(0, min(len(text), _SOUGHT), _BLOCK):
        folded, offsets = _bare(text[start : start + _BLOCK + 100])
        for pattern in (*patterns, *loose):
            if (hit := pattern.search(folded)) is not None:
                return start + offsets[hit.start()]
    return 0


def _bare(text: str) -> tuple[str, Sequence[int]]:
    """Text without case and diacritics, and where each of its characters stood."""
    if text.isascii():
        return text.lower(), range(len(text))
    folded: list[str] = []
    offsets: list[int] = []
    for place, character in enumerate(text):
        for plain in unicodedata.normalize("NFKD", character).casefold():
            if not unicodedata.combining(plain):
                folded.append(plain)
                offsets.append(place)
    return "".join(folded), offsets
