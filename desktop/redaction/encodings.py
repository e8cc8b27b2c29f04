"""What a text reads as once the spellings of its characters are undone: of JSON, HTML, addresses, nested; pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import NamedTuple

from desktop.text.late_pattern import late_pattern

_DEEPEST = 12
"""So many spellings may lie within each other: a percent sign in an entity in a text within JSON."""

_NESTED = late_pattern(r"(?i)(?<=&)(?:amp;)+|(?<=%)(?:25)+(?=[0-9a-fu])|(?<=\\)(?:u005c|x5c)+(?=[0-9uxo])")
"""Signs of a spelling that are spelled themselves, over and over."""

_ENTITY = late_pattern(r"(?i)&(?:#([0-9]{1,40}+)(?:;|(?![%\\]))|#x([0-9a-f]{1,40}+)(?:;|(?![%\\]))|[a-z]{2,24};)")
"""Also without its end, unless another spelling may go on with it."""

_ENDED_ENTITY = late_pattern(r"(?i)&(?:#([0-9]{1,40})|#x([0-9a-f]{1,40}));")
_OPEN_ENTITY = late_pattern(r"(?i)&(?:#([0-9]{1,40}+)|#x([0-9a-f]{1,40}+))")
_ENTITY_WITHIN = late_pattern(r"(?i)&#x?[0-9a-f]{0,40}&#")
_PERCENT = late_pattern(r"(?i)%(?:([0-9a-f]{2})|u([0-9a-f]{4}))")
_BACKSLASH = late_pattern(
    r"""(?ix)
    \\{1,16}
    (?: [ux]\{[ ]? (?P<braced> [0-9a-f]{1,12}+ (?: [ ,]{1,2}+ [0-9a-f]{1,12}+ ){0,400}+ ) [ ]?\}
      | n\{u\+ (?P<named> [0-9a-f]{1,6} ) \} | (?-i:U)(?P<wide> [0-9a-f]{8} )
      | (?-i:u){1,8} (?P<u> [0-9a-f]{4} ) | x (?P<x> [0-9a-f]{2} )
      | o\{ (?P<octal_braced> [0-7]{1,7} ) \} | (?P<octal> [0-3][0-7]{2} ) )
    """
)
_OF_NAMES = late_pattern(r"(?i)_x([0-9a-f]{4})_|\bu\+([0-9a-f]{4,6})[ ,]?")
_ESCAPED = late_pattern(r"\\{1,16}(?:[nrt]|(?=[^\\]))")
_SHORT_OCTAL = late_pattern(r"\\{1,16}([0-3]?[0-7]{1,2})")
_LONG_OCTAL = late_pattern(r"\\{1,16}0([0-3][0-7]{2})")
_DECIMAL = late_pattern(r"\\{1,16}([0-9]{1,3})")
_OF_STYLES = late_pattern(r"(?i)\\{1,16}([0-9a-f]{1,6})[ \t\n]?")
_APART = r"(?:[\s,;\"'\\]|(?<=\\)[nrt]){1,24}+"
_NUMBERS = late_pattern(rf"(?a)(?:\b[0-9]{{1,3}}\b{_APART}){{3}}")
_NUMBER = late_pattern(rf"(?a)\b([0-9]{{1,3}})\b(?:{_APART})?")
_APART_IN_HEX = r"(?:[\s,;\"'\\:-]|(?<=\\)[nrt]){1,24}+"
_HEX_NUMBERS = late_pattern(rf"(?ai)(?:\b(?:0x)?[0-9a-f]{{2}}\b{_APART_IN_HEX}){{3}}")
_HEX_NUMBER = late_pattern(rf"(?ai)\b(?:0x)?([0-9a-f]{{2}})\b(?:{_APART_IN_HEX})?")
_QUOTED = late_pattern(r"(?i)=([0-9a-f]{2})|=\r?\n")

_BYTE, _NEXT = r"(?:%|\\{1,16}x)", r"(?:(?:%|\\{1,16}x)[89ab][0-9a-f])"
_NEXT_OCTAL = r"(?:\\{1,16}2[0-7]{2})"
_UTF_8 = late_pattern(
    rf"""(?ix)
      {_BYTE} (?: [cd][0-9a-f] {_NEXT} | e[0-9a-f] {_NEXT}{{2}} | f[0-7] {_NEXT}{{3}} )
    | \\{{1,16}} (?: 3[0-3][0-7] {_NEXT_OCTAL} | 3[45][0-7] {_NEXT_OCTAL}{{2}} | 36[0-7] {_NEXT_OCTAL}{{3}} )
    """
)
"""A character in two bytes or more, each of them spelled."""

_SPELLED_BYTE = late_pattern(r"(?i)[%x]([0-9a-f]{2})|([0-7]{3})")

_DRAWN = 4
"""Letters at most that one character is drawn as."""

_BEYOND_ASCII = late_pattern(r"[^\x00-\x7f]")

_LETTERS = (0x1F150, 0x1F170, 0x1F1E6)
"""Where the white letters in circles and in squares begin, and those of flags, which Unicode takes apart no further."""

_NOTHING = late_pattern(
    r"""(?x)
    (?: \x1b\[[0-?]{0,32}[ -/]{0,4}[@-~] | \[[0-9]{1,3}(?:;[0-9]{1,3}){0,4}m
      | [\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e]
      | [\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001d173-\U0001d17a\U000e0000-\U000e0fff] )+
    """
)
"""What a reader does not see; it may also stand within a spelling."""


class _Spelling(NamedTuple):
    """A way of spelling: signs of which a text has one where it has any, what it looks like, and what is meant by it.

    Without signs each text is looked through. With them most patterns are never made, nor looked for.
    """

    signs: str
    form: re.Pattern[str]
    meant_by: Callable[[re.Match[str]], str]

    def is_in(self, text: str) -> bool:
        """Whether a text has any."""
        return (not self.signs or any(map(text.__contains__, self.signs))) and self.form.search(text) is not None


_Undoing = tuple[_Spelling, ...]
_Reading = tuple[str, list[int]]
"""A text as it reads once something was undone, and where each of its characters, and its end, stood at first."""


def readings(text: str) -> Iterator[tuple[str, list[int], bool]]:
    """A text as it reads once its spellings are undone, one after the other; the last of each way is marked as that.

    What is sure to be a spelling comes first. What is left may be one of several: a backslash before a digit is a sign
    of escaping, of an octal number, or of a style sheet's. Letters of full width and with marks are at last what they
    are drawn as.
    """
    sure: _Reading = text, []
    for reading in _undone(sure, ()):
        sure = reading
        yield *sure, False
    ways = [(sure, _WAYS[0]), *((sure, way) for way in _WAYS[1:] if way[-1].is_in(sure[0]))]
    for sign, (_, form, meant_by) in _BEFORE:
        if sign.is_in(text):
            ways.append((rewritten(text, [], form, meant_by), _WAYS[0]))
    for first, way in ways:
        last = first
        if first is not sure:
            yield *first, False
        for reading in _undone(first, way):
            last = reading
            yield *last, False
        if not last[0].isascii():
            last = rewritten(*last, _BEYOND_ASCII, _plain)
        yield last[0], last[1] or list(range(len(text) + 1)), True


def _undone(reading: _Reading, unsure: _Undoing) -> Iterator[_Reading]:
    """What a text reads as after each kind of spelling, until there is none; `unsure` ones where no others are left."""
    for _ in range(_DEEPEST):
        before = reading[0]
        for spellings in (_SURE, unsure):
            for spelling in spellings:
                if spelling.is_in(reading[0]):
                    reading = rewritten(*reading, spelling.form, spelling.meant_by)
                    yield reading
            if reading[0] != before:
                break
        else:
            return


def rewritten(
    text: str, at: list[int], form: re.Pattern[str], meant_by: Callable[[re.Match[str]], str]
) -> tuple[str, list[int]]:
    """A text with each match replaced, and where each of its characters, and its end, stood at first."""
    old = at or list(range(len(text) + 1))
    pieces: list[str] = []
    places: list[int] = []
    end = 0
    for match in form.finditer(text):
        pieces.append(text[end : match.start()])
        places += old[end : match.start()]
        meant = meant_by(match)
        pieces.append(meant)
        places += [old[match.start()]] * len(meant)
        end = match.end()
    pieces.append(text[end:])
    places += old[end:]
    return "".join(pieces), places


def _by_number(base: int) -> Callable[[re.Match[str]], str]:
    """Reads the number of a character, which is the first group that matched; nothing where none did."""

    def meant(match: re.Match[str]) -> str:
        found = next(filter(None, match.groups()), None)
        return _character(int(found, base), match[0]) if found else ""

    return meant


def _by_entity(match: re.Match[str]) -> str:
    if match[1]:
        return _character(int(match[1]), match[0])
    if match[2]:
        return _character(int(match[2], 16), match[0])
    import html

    found = html.unescape(match[0])
    return found if len(found) == 1 else match[0]


def _by_backslash(match: re.Match[str]) -> str:
    octal = match["octal"] or match["octal_braced"]
    if octal:
        return _character(int(octal, 8), match[0])
    if match["braced"]:
        return "".join(_character(int(each, 16), "") for each in re.split("[ ,]+", match["braced"]))
    return _character(int(match["named"] or match["wide"] or match["u"] or match["x"], 16), match[0])


def _meant_by_bytes(match: re.Match[str]) -> str:
    """The character that some bytes are in UTF-8; their spelling where they are none."""
    found = [int(byte, 16) if byte else int(octal, 8) for byte, octal in _SPELLED_BYTE.findall(match[0])]
    try:
        return bytes(found).decode()
    except UnicodeDecodeError:
        return match[0]


def _plain(match: re.Match[str]) -> str:
    """The letters that a character is drawn as, without marks."""
    for first in _LETTERS:
        if first <= ord(match[0]) < first + 26:
            return chr(ord("A") + ord(match[0]) - first)
    drawn = unicodedata.normalize("NFKD", match[0])[:_DRAWN]  # one stands for a sentence of eighteen
    return "".join(each for each in drawn if not unicodedata.combining(each))


def nothing(_: re.Match[str]) -> str:
    """What nobody sees, or what is a sign of escaping alone."""
    return ""


_SURE: _Undoing = (
    _Spelling("", _NOTHING, nothing),
    _Spelling("&%\\", _NESTED, nothing),
    _Spelling("&", _ENTITY, _by_entity),
    _Spelling("%\\", _UTF_8, _meant_by_bytes),
    _Spelling("%", _PERCENT, _by_number(16)),
    _Spelling("\\", _BACKSLASH, _by_backslash),
    _Spelling("_+", _OF_NAMES, _by_number(16)),
)
"""What is taken off a text, in this order, until nothing of it is left."""

_STYLED = _Spelling("\\", _OF_STYLES, _by_number(16))
_WAYS: tuple[_Undoing, ...] = (
    (_Spelling("&", _OPEN_ENTITY, _by_entity), _Spelling("\\", _ESCAPED, nothing)),
    (_Spelling("\\", _SHORT_OCTAL, _by_number(8)),),
    (_STYLED,),
    (_Spelling("=", _QUOTED, _by_number(16)),),
)
"""What may be left then, one of these; the last of each says whether there is anything."""

_ENDED = _Spelling("&", _ENDED_ENTITY, _by_entity)
_BEFORE: tuple[tuple[_Spelling, _Spelling], ...] = (
    (_Spelling("&", _ENTITY_WITHIN, nothing), _ENDED),
    (_Spelling("\\", late_pattern(r"(?i)\\0{1,4}[0-9a-f]{2}"), nothing), _STYLED),
    (
        _Spelling("\\", late_pattern(r"\\0[0-3][0-7]{2}\b|\\0[0-3][0-7]{2}\\"), nothing),
        _Spelling("\\", _LONG_OCTAL, _by_number(8)),
    ),
    (_Spelling("\\", late_pattern(r"\\[0-9]{2,3}\\"), nothing), _Spelling("\\", _DECIMAL, _by_number(10))),
    (_Spelling("", _NUMBERS, nothing), _Spelling("", _NUMBER, _by_number(10))),
    (_Spelling("", _HEX_NUMBERS, nothing), _Spelling("", _HEX_NUMBER, _by_number(16))),
)
"""What looks like something sure: by its sign, the first, it is read as the second instead, before all others."""


def _character(code: int, spelled: str) -> str:
    return chr(code) if code < 0x110000 else spelled
