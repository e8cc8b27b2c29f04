"""Converts text for the search index: folds letters, pairs characters of scripts without spaces, adds words. Pure.

FTS5's tokenizer separates words by spaces and punctuation, so text without spaces is indexed as overlapping pairs.
"""

from __future__ import annotations

import functools
import itertools
import unicodedata
from collections.abc import Iterator

from desktop.store.records import letter_folds
from desktop.store.records.index_additions import BOUNDARY, Additions
from desktop.text.late_pattern import late_pattern

VERSION = 2
"""Version of the conversion. If it changes, stored index text is renewed (index_renewal)."""

LONGEST = 2 << 20
"""Maximum bytes of index text per message."""

_MARK = "\ue000"  # a private character, which FTS5 takes as a letter: no real word begins with it

# Chinese, Japanese, Korean, Thai, Lao, Tibetan, Burmese, Khmer, New Tai Lue; then currency, arrows, symbols, emoji.
_RANGES = (
    "\u3005-\u3007\u3040-\u30ff\u3100-\u312f\u3130-\u318f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff\uac00-\ud7af\u1100-\u11ff\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f"
    "\u1780-\u17ff\u1950-\u19df\u20a0-\u20cf\u2190-\u2bff\U0001f000-\U0001faff"
)
UNSPACED = f"[{_RANGES}]+"
RUN = late_pattern(UNSPACED)
"""Run of characters of scripts without spaces."""

LETTER = "[^\\W_]|[\ue000-\uf8ff]"
"""Character that FTS5 treats as part of a word."""

BEHIND = 1 << 16
"""Number of bytes reserved for additions."""

_FOLDED_BLOCK = 1024  # characters folded at a time for the index: to put marks in order takes their square
_PLAIN_BLOCK = 1 << 16  # the same where all of them are ASCII
_MOST_JOINED = 64  # characters that a block may be longer, so that it ends where nothing is torn


def clean(text: str) -> str:
    """Replace lone surrogates with U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def indexed(text: str) -> str:
    """Convert a text for the index, truncated to LONGEST bytes.

    Works block by block, because some characters expand thirtyfold.
    """
    added = Additions()
    if len(text) <= _PLAIN_BLOCK and text.isascii():  # as most are
        plain = text.replace("\0", " ")
        added.feed(plain, plain)
        return f"{plain.lower()}{added.finish(BEHIND - _MOST_JOINED)}"
    pieces: list[str] = []
    room = LONGEST - BEHIND
    for piece in _pieces(text, added):
        size = len(piece.encode())
        if size > room:
            pieces.append(piece.encode()[:room].decode("utf-8", "ignore"))
            # Truncate between words, because half a word would be found too. There may be no boundary.
            pieces = "".join(pieces).rsplit(None, 1)[:1]
            break
        pieces.append(piece)
        room -= size
    return f"{''.join(pieces)}{added.finish(BEHIND - _MOST_JOINED)}"


@functools.cache
def prepare() -> None:
    """Build lookup tables in advance, which takes 6 ms."""
    indexed("\u00e0 \u4e2d")


def said(words: str) -> str:
    """Return index text without its additions."""
    return words.partition(BOUNDARY)[0]


def folded(text: str) -> str:
    """Fold a text for comparison, so that case, accents and spelling variants do not matter."""
    # FTS5 ends a query at the first NUL.
    if text.isascii():
        return text.replace("\0", " ").lower()
    return letter_folds.folded(composed(text).casefold())


def folded_name(name: str) -> str:
    """Fold a name, so that case and repeated spaces do not matter."""
    return " ".join(clean(name).casefold().split())


def pairs(run: str, *, ended: bool) -> list[str]:
    """Return artificial words for the character pairs of a run. If `ended`, the last character is added alone."""
    codes = [f"{ord(character):05x}" for character in run]
    words = [_MARK + first + second for first, second in itertools.pairwise(codes)]
    return [*words, _MARK + codes[-1]] if ended or len(run) == 1 else words


def _pieces(text: str, added: Additions) -> Iterator[str]:
    """Yield index text block by block. If a run may continue, its last character is carried over to the next block."""
    carried = ""
    for block in _blocks(text):
        if block.isascii():
            plain = block.replace("\0", " ")
            added.feed(plain, plain)
            if not carried:
                yield plain.lower()
                continue
            shown = carried + plain.lower()
        else:
            whole = composed(block)
            compared = letter_folds.folded(whole.casefold())
            added.feed(whole, compared)
            shown = carried + compared
        carried = ""
        pieces: list[str] = []
        end = 0
        for run in RUN.finditer(shown):
            pieces.append(shown[end : run.start()])
            end = run.end()
            if end == len(shown):
                carried = shown[-1]
                pieces.append(f" {' '.join(_following(run.group()))} ")
            else:
                pieces.append(f" {' '.join(pairs(run.group(), ended=True))} ")
        pieces.append(shown[end:])
        yield "".join(pieces)
    if carried:
        yield f" {' '.join(pairs(carried, ended=True))} "


def _blocks(text: str) -> Iterator[str]:
    """Yield blocks of a text that can be folded independently of each other."""
    start = 0
    length = _PLAIN_BLOCK if text.isascii() else _FOLDED_BLOCK
    while start < len(text):
        end = min(start + length, len(text))
        while end < min(len(text), start + length + _MOST_JOINED) and _joins(text[end]):
            end += 1
        yield text[start:end]
        start = end


def _joins(character: str) -> bool:
    """Whether a character may combine with the previous one."""
    if character.isascii():
        return character.isalnum()
    first = unicodedata.normalize("NFKD", character)[0]
    kind = unicodedata.category(first)[0]
    return kind == "M" or first == "·" or (kind == "L" and not RUN.match(character)) or _is_half(first)


def _is_half(character: str) -> bool:
    """Whether a character is the end of a Korean syllable or of a surrogate pair."""
    return "\u1100" <= character <= "\u11ff" or "\udc00" <= character <= "\udfff"


def composed(text: str) -> str:
    """Normalize a text to NFKC and replace NUL with a space."""
    return unicodedata.normalize("NFKC", clean(text)).replace("\0", " ")


def _following(run: str) -> list[str]:
    """Return the pairs of a run that continues in the next block."""
    return pairs(run, ended=False) if len(run) > 1 else []
