"""Folds letters so that all spellings of a word match. Pure functions.

Removes accents, strokes and optional marks (é, ł, ё, ά, Arabic vowels, Hebrew points), and unifies variants.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from desktop.text.late_pattern import late_pattern

_PRIVATE = range(0xE000, 0xE500)
"""Private-use characters reserved for the index; in a text, they become spaces."""

_SIGNS_FROM = 0xE100  # private letters for signs of words

_SCANNED = late_pattern(
    "[\u00ad\u00c0-\u02af\u02bb-\u02bd\u0300-\u03ff\u0450-\u045d\u0491\u055b-\u055e\u058d-\u058e\u0591-\u05f4\u0605-\u06ff\u0730-\u07ff"
    "\u0888-\u0e59\u0ed0-\u0ed9\u0f20-\u0f29\u1040-\u1049\u135d-\u135f\u1700-\u1734\u17e0-\u17e9\u1800-\u194f\u19d0-\u1cff"
    "\u1dc0-\u1fff\u200b-\u201f\u202a-\u202e\u2060-\u2069\u20d0-\u20f0\u218a-\u218b\u2c60-\u2c7f\u2e3c-\u2e5d\ua600-\uabff"
    "\ue000-\ue4ff\ufbc2\ufd40-\ufd4f\ufdcf\ufdfe-\ufe0f\ufe27-\ufe2f\ufeff]+"
)
"""Runs of characters that may need folding."""

_BEYOND = late_pattern("[\U00010000-\U0001efff\U0001fb00-\U0001ffff\U00040000-\U0010ffff]")
"""Characters of higher planes that need folding; rare, so a separate pattern is faster."""

_SIGNED = ((0x07A6, 0x07B1), (0x0900, 0x0E00), (0x1700, 0x1735), (0x1800, 0x1950), (0x1A00, 0x1D00), (0xA800, 0xAC00))
"""Scripts whose marks are parts of words although FTS5 separates words there."""

_NEWER = (
    (0x58D, 0x58F), (0x605, 0x606), (0x61D, 0x61E), (0x7FD, 0x800), (0x888, 0x889), (0x890, 0x892), (0x898, 0x8A0),
    (0x8CA, 0x8E4), (0x8FF, 0x900), (0x9FD, 0x9FE), (0xA76, 0xA77), (0xC77, 0xC78), (0xC84, 0xC85), (0xD4F, 0xD50),
    (0x1ABE, 0x1ABF), (0x1B7D, 0x1B7F), (0x1CF2, 0x1CF4), (0x218A, 0x218C), (0x2E3C, 0x2E5E), (0xA69E, 0xA69F),
    (0xA8FC, 0xA8FD), (0xAB5B, 0xAB5C), (0xAB6A, 0xAB6C), (0xFBC2, 0xFBC3), (0xFD40, 0xFD50), (0xFDCF, 0xFDD0),
    (0xFDFE, 0xFE00), (0xFE27, 0xFE30),
)  # fmt: skip
"""Marks newer than FTS5's Unicode tables, which treat them as letters."""

_NUKTAS = "\u093c\u09bc\u0a3c\u0abc\u0b3c\u0cbc"
_WITHIN = "\u055b\u055c\u055e\u0951\u0952\u0953\u0954\u180b\u180c\u180d\u180f"
"""Marks above a vowel within a word: Armenian, Vedic, Mongolian."""

_UNSEEN = "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\ufeff"

_ZEROS = (
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50,
    0x0ED0, 0x0F20, 0x1040, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620,
    0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0,
)  # fmt: skip

_LETTERS = {
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "ð": "d",
    "þ": "th",
    "ı": "i",
    "ŋ": "n",
    "ĸ": "k",
    "ə": "e",
    "ǝ": "e",
    "ɛ": "e",
    "ɔ": "o",
    "ɣ": "g",
    "ʼ": "'",
    "ʻ": "",
    "ʽ": "",
    # Arabic: hamza forms, final letters and Persian keyboard variants
    **dict.fromkeys("أإآٱ", "ا"),
    "ؤ": "و",
    "ئ": "ي",
    "ى": "ي",
    "ی": "ي",
    "ې": "ي",
    "ک": "ك",
    "ة": "ه",
    "ۀ": "ه",
    "ۂ": "ه",
    "ہ": "ه",
    "ھ": "ه",
    "ە": "ه",
    "ۓ": "ے",
    "ـ": "",
    # Hebrew: final letters, Yiddish digraphs and signs
    **dict(zip("ךםןףץ", "כמנפצ", strict=True)),
    "װ": "וו",
    "ױ": "וי",
    "ײ": "יי",
    "׳": "'",
    "״": '"',
    # Cyrillic, and Indic letters that may also be two code points
    "ё": "е",
    "ѐ": "е",
    "ѝ": "и",
    "ґ": "г",
    "ऩ": "न",
    "ऱ": "र",
    "ऴ": "ळ",
    **dict.fromkeys("‘’‛", "'"),
    **dict.fromkeys("“”‟", '"'),
    **dict.fromkeys("‐‑‒–—―", "-"),
}
_STROKE = late_pattern(r"LATIN SMALL LETTER ([A-Z]) WITH ")
_WITH_VIRAMA = {
    "\u09ce": "\u09a4\u09cd",
    "\u0d7a": "\u0d23\u0d4d",
    "\u0d7b": "\u0d28\u0d4d",
    "\u0d7c": "\u0d30\u0d4d",
    "\u0d7d": "\u0d32\u0d4d",
    "\u0d7e": "\u0d33\u0d4d",
    "\u0d7f": "\u0d15\u0d4d",
}
"""Bengali and Malayalam letters without an inherent vowel, in their older spelling."""

TOGETHER = "[Ll]·[Ll]|[Եե]ւ|[\u0919\u091e\u0923\u0928\u092e]\u094d(?=[\u0915-\u0939])"
"""Character sequences that are folded as a unit."""

_NASALS = late_pattern("[\u0919\u091e\u0923\u0928\u092e]\u094d(?=[\u0915-\u0939])|\u0901")
"""Devanagari nasals that can also be written as a dot."""


def folded_together(piece: str) -> str:
    """Return the folded form of a sequence that `TOGETHER` matches."""
    return folded(piece.lower() if piece[1] in "·ւ" else "\u0902")


def folded(text: str) -> str:
    """Fold the letters of a text in NFKC that is already case-folded."""
    if "l·l" in text:
        text = text.replace("l·l", "ll")
    if "եւ" in text:  # what the Armenian ligature becomes without case, and in capitals
        text = text.replace("եւ", "եվ")
    if len(text.encode("utf-16-le", "surrogatepass")) > 2 * len(text):
        text = _BEYOND.sub(_beyond, text)
    return _SCANNED.sub(_run, text)


def _run(match: re.Match[str]) -> str:
    run = match[0]
    if "\u094d" in run or "\u0901" in run:
        run = _NASALS.sub("\u0902", run)
    return run.translate(table())


def _beyond(match: re.Match[str]) -> str:
    """Fold a character of a higher plane: letters and digits stay, marks are removed, others become spaces."""
    character = match[0]
    if character.isalnum():
        return character
    return "" if unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf") else " "


@cache
def table() -> dict[int, str]:
    """Return the folded form of each code point, built on first use."""
    folds: dict[int, str] = {}
    for code in (*range(0xC0, 0x2B0), *range(0x370, 0x400), *range(0x1E00, 0x2000), *range(0x2C60, 0x2C80)):
        base = unicodedata.normalize("NFD", chr(code))[0]
        stroke = _STROKE.match(unicodedata.name(base, ""))
        folds[code] = stroke[1].lower() if stroke else _LETTERS.get(base, base)
    folds |= {code: "" for first, end in _MARKS for code in range(first, end)}
    folds |= _signs()
    folds |= {zero + digit: str(digit) for zero in _ZEROS for digit in range(10)}
    folds |= dict.fromkeys(map(ord, _NUKTAS + _WITHIN + _UNSEEN), "")
    folds |= dict.fromkeys(range(0x2060, 0x206A), "")
    folds |= {ord(letter): base for letter, base in _LETTERS.items()}
    folds |= dict.fromkeys(_PRIVATE, " ")
    folds |= {code: _newer(chr(code)) for first, end in _NEWER for code in range(first, end)}
    folds |= {ord(letter): pair[0] + folds[ord(pair[1])] for letter, pair in _WITH_VIRAMA.items()}
    return {code: letter for code, letter in folds.items() if letter != chr(code)}


_MARKS = (
    (0x300, 0x370),
    (0x591, 0x5BE),
    (0x5BF, 0x5C0),
    (0x5C1, 0x5C3),
    (0x5C4, 0x5C6),
    (0x5C7, 0x5C8),
    (0x610, 0x61B),
    (0x64B, 0x660),
    (0x670, 0x671),
    (0x6D6, 0x6DD),
    (0x6DF, 0x6E5),
    (0x6E7, 0x6E9),
    (0x6EA, 0x6EE),
    (0x730, 0x74B),
    (0x7EB, 0x7F4),
    (0x135D, 0x1360),
    (0x1DC0, 0x1E00),
    (0x20D0, 0x20F1),
    (0xFE00, 0xFE10),
)
"""Optional marks: accents, Hebrew points, Arabic, Syriac and N'Ko vowels."""


def _newer(character: str) -> str:
    return "" if unicodedata.category(character) in ("Mn", "Me", "Lo") else " "


def _signs() -> dict[int, str]:
    codes = (code for first, end in _SIGNED for code in range(first, end))
    marks = [code for code in codes if unicodedata.category(chr(code)) in ("Mn", "Mc")]
    return {code: chr(_SIGNS_FROM + place) for place, code in enumerate(marks)}
