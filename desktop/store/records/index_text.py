"""Text as the search index takes it: letters as they are compared, pairs where no spaces are, and additions; pure.

FTS5's own tokenizer knows words by what stands between them. Scripts without spaces, and symbols, are turned here
into pairs of characters, each one an artificial word: “東京都” becomes 東京 京都 都. So a run of two characters or
more is found as a phrase of pairs, and a single one as the beginning of a pair.
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
"""Counts up when other words are made of a text: those that are kept are made anew (index_renewal)."""

LONGEST = 2 << 20
"""Bytes of a message, as the index takes it, that are indexed; what is beyond is not found."""

_MARK = "\ue000"  # a private character, which FTS5 takes as a letter: no real word begins with it

# Chinese, Japanese, Korean, Thai, Lao, Tibetan, Burmese, Khmer, New Tai Lue; then currency, arrows, symbols, emoji.
_RANGES = (
    "\u3005-\u3007\u3040-\u30ff\u3100-\u312f\u3130-\u318f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff\uac00-\ud7af\u1100-\u11ff\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f"
    "\u1780-\u17ff\u1950-\u19df\u20a0-\u20cf\u2190-\u2bff\U0001f000-\U0001faff"
)
UNSPACED = f"[{_RANGES}]+"
RUN = late_pattern(UNSPACED)
"""Characters without spaces between words, of a folded text."""

LETTER = "[^\\W_]|[\ue000-\uf8ff]"
"""What FTS5's tokenizer takes as part of a word: letters, digits and private characters; all else stands between."""

BEHIND = 1 << 16
"""Bytes of them that are kept for what is added behind the text."""

_FOLDED_BLOCK = 1024  # characters folded at a time for the index: to put marks in order takes their square
_PLAIN_BLOCK = 1 << 16  # the same where all of them are ASCII
_MOST_JOINED = 64  # characters that a block may be longer, so that it ends where nothing is torn


def clean(text: str) -> str:
    """Text that UTF-8 can hold: halves of surrogate pairs are joined, lone ones become U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def indexed(text: str) -> str:
    """Text for the index: folded, with pairs in the place of what has no spaces, and its additions; LONGEST bytes.

    Made piece by piece: some characters grow thirtyfold, and what goes beyond the bound is never made at all.
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
            # Cut between two words: half of one would be found as a word that nobody said. There may be none at all.
            pieces = "".join(pieces).rsplit(None, 1)[:1]
            break
        pieces.append(piece)
        room -= size
    return f"{''.join(pieces)}{added.finish(BEHIND - _MOST_JOINED)}"


@functools.cache
def prepare() -> None:
    """Make the tables and expressions that a text beyond ASCII needs: the first of them would wait for some 6 ms."""
    indexed("\u00e0 \u4e2d")


def said(words: str) -> str:
    """Text for the index without its additions."""
    return words.partition(BOUNDARY)[0]


def folded(text: str) -> str:
    """A text, or a part of one, as the index compares it: without case, accents, and what has its letters otherwise."""
    # FTS5 reads a query up to its first NUL.
    if text.isascii():
        return text.replace("\0", " ").lower()
    return letter_folds.folded(composed(text).casefold())


def folded_name(name: str) -> str:
    """A name as it is compared: without case, and with one space between words."""
    return " ".join(clean(name).casefold().split())


def pairs(run: str, *, ended: bool) -> list[str]:
    """The artificial words of a run; `ended` adds its last character, as the index holds it."""
    codes = [f"{ord(character):05x}" for character in run]
    words = [_MARK + first + second for first, second in itertools.pairwise(codes)]
    return [*words, _MARK + codes[-1]] if ended or len(run) == 1 else words


def _pieces(text: str, added: Additions) -> Iterator[str]:
    """Text for the index as a stream. A run that goes on beyond a block's end leaves its last character to the next.

    What its blocks add is gathered in `added`.
    """
    held = ""
    for block in _blocks(text):
        if block.isascii():
            plain = block.replace("\0", " ")
            added.feed(plain, plain)
            if not held:
                yield plain.lower()
                continue
            shown = held + plain.lower()
        else:
            whole = composed(block)
            compared = letter_folds.folded(whole.casefold())
            added.feed(whole, compared)
            shown = held + compared
        held = ""
        made: list[str] = []
        end = 0
        for run in RUN.finditer(shown):
            made.append(shown[end : run.start()])
            end = run.end()
            if end == len(shown):
                held = shown[-1]
                made.append(f" {' '.join(_following(run.group()))} ")
            else:
                made.append(f" {' '.join(pairs(run.group(), ended=True))} ")
        made.append(shown[end:])
        yield "".join(made)
    if held:
        yield f" {' '.join(pairs(held, ended=True))} "


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
    """Whether a character is of one word with the one before it, or normalization may make one of both."""
    if character.isascii():
        return character.isalnum()
    first = unicodedata.normalize("NFKD", character)[0]
    kind = unicodedata.category(first)[0]
    return kind == "M" or first == "·" or (kind == "L" and not RUN.match(character)) or _is_half(first)


def _is_half(character: str) -> bool:
    """Whether it is the end of a Korean syllable, or of a surrogate pair."""
    return "\u1100" <= character <= "\u11ff" or "\udc00" <= character <= "\udfff"


def composed(text: str) -> str:
    """A text with its characters composed (NFKC), and blanks for what would end a query."""
    return unicodedata.normalize("NFKC", clean(text)).replace("\0", " ")


def _following(run: str) -> list[str]:
    """The pairs of a run that goes on."""
    return pairs(run, ended=False) if len(run) > 1 else []
