"""Keys hidden in text, in each spelling that a server may give them back in: JSON, HTML, percent signs, nested."""

from __future__ import annotations

import functools
import html
import re
import threading
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import cast, overload

from desktop import key_skeletons
from desktop.phrases import Phrase

HIDDEN = "[secure]"

_LEAST = 4
"""Keys shorter than this are words: hiding them would spoil sentences."""

_DEEPEST = 6
"""So many spellings may lie within each other: a percent sign in an entity in a text within JSON."""

_SHORT = 300
"""Characters of a text that says what is wrong, rather than what was sent."""

_LONGEST_SPELLING = 12
"""Characters that one of a key takes in the longest of the usual spellings."""

_SPELLED = re.compile(
    r"""(?ix)
      \\{1,16} (?: u\{0{0,6}(?P<braced>[0-9a-f]{1,6})\} | (?-i:U)(?P<wide>[0-9a-f]{8}) | u(?P<u>[0-9a-f]{4})
                 | x(?P<x>[0-9a-f]{2}) | (?P<octal>[0-3][0-7]{2}) )
    | % (?: (?P<percent>[0-9a-f]{2}) | u(?P<percent_u>[0-9a-f]{4}) )
    | & (?: \#0{0,8}(?P<decimal>[0-9]{1,7}) | \#x0{0,8}(?P<hex>[0-9a-f]{1,6}) | (?P<name>[a-z]{2,24}(?=;)) ) ;?
    | \\{1,16} [nrt]
    | (?P<escaping>\\{1,16}) (?=[^\\])
    """
)

_BYTE, _NEXT = r"(?:%|\\{1,16}x)", r"(?:(?:%|\\{1,16}x)[89ab][0-9a-f])"
_NEXT_OCTAL = r"(?:\\{1,16}2[0-7]{2})"
_UTF_8 = re.compile(
    rf"""(?ix)
      {_BYTE} (?: [cd][0-9a-f] {_NEXT} | e[0-9a-f] {_NEXT}{{2}} | f[0-7] {_NEXT}{{3}} )
    | \\{{1,16}} (?: 3[0-3][0-7] {_NEXT_OCTAL} | 3[45][0-7] {_NEXT_OCTAL}{{2}} | 36[0-7] {_NEXT_OCTAL}{{3}} )
    """
)
"""A character in two bytes or more, each of them spelled."""

_SPELLED_BYTE = re.compile(r"(?i)[%x]([0-9a-f]{2})|([0-7]{3})")

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")

_NOTHING = re.compile(
    r"""(?x)
    (?: \x1b\[[0-?]{0,32}[ -/]{0,4}[@-~] | \[[0-9]{1,3}(?:;[0-9]{1,3}){0,4}m
      | [\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u2028-\u202e]
      | [\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e01ef] )+
    """
)
"""What a reader does not see; it may also stand within a spelling."""


_BLANK = re.compile(r"\s+")
_DIVIDED = 16
"""Characters from which on a half of a key is hidden by itself."""

_SPREAD = 12
"""Characters from which on a key is known with blanks in it: a shorter one may stand in a sentence by chance."""


class Mask:
    """The secrets of one run. Whatever is kept, shown, logged or exported of errors goes through it; on any thread."""

    def __init__(self) -> None:
        self._secrets: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    def add(self, *secrets: str) -> None:
        """Hide these from now on."""
        with self._lock:
            self._secrets |= {each for each in secrets if len(each) >= _LEAST}

    @overload
    def hide(self, text: Phrase) -> Phrase: ...

    @overload
    def hide(self, text: str) -> str: ...

    def hide(self, text: str) -> str:
        """The text without any of the secrets; a phrase stays one."""
        return hide(text, self._secrets)

    def hide_within(self, value: object) -> object:
        """What was decoded from JSON without any of the secrets in its texts and names, bounded."""
        return hide_within(value, self._secrets)


@overload
def hide(text: Phrase, secrets: Iterable[str]) -> Phrase: ...


@overload
def hide(text: str, secrets: Iterable[str]) -> str: ...


def hide(text: str, secrets: Iterable[str]) -> str:
    """`text` with every one of `secrets` in it replaced, however it is spelled; a phrase can still be translated.

    Letters count alike in both cases. Secrets of fewer than four characters are left.
    """
    wanted = frozenset(each for each in secrets if len(each) >= _LEAST)
    if not wanted or not text:
        return text
    hidden = _hide(str(text), wanted)
    if not isinstance(text, Phrase):
        return hidden
    values: Mapping[str, object] = {
        name: hide(value, wanted) if isinstance(value, str) else value for name, value in text.values.items()
    }
    if hidden == str(text) and values == text.values:
        return text
    return Phrase(hidden, text.template, values, text.number)


def hide_within(value: object, secrets: Iterable[str], *, most: int = 64 << 10, depth: int = 12) -> object:
    """What was decoded from JSON, with every one of `secrets` in its texts and names hidden.

    Of its long texts together, and of its short ones, the first `most` characters are looked at and kept; what lies
    deeper than `depth` is left out.
    """
    return _Within(secrets, most).hidden(value, depth)


class _Within:
    """Hides secrets in one value; so much of a server's text as can be looked at before anybody notices."""

    def __init__(self, secrets: Iterable[str], most: int) -> None:
        self._secrets = frozenset(secrets)
        wanted = _forms(frozenset(each for each in self._secrets if len(each) >= _LEAST)).secrets
        self._shortest = min((min(len(each), _SPREAD) for each in wanted), default=0)
        self._left = {False: most, True: most}

    def hidden(self, value: object, depth: int) -> object:
        """The value without secrets; its texts draw on what is left."""
        if isinstance(value, str):
            return self._text(value)
        if depth <= 0:
            return None if isinstance(value, (dict, list)) else value
        if isinstance(value, dict):
            entries = cast("Mapping[object, object]", value).items()
            return {self.hidden(name, 1): self.hidden(each, depth - 1) for name, each in entries}
        if isinstance(value, list):
            return [self.hidden(each, depth - 1) for each in cast("list[object]", value)]
        return value

    def _text(self, text: str) -> str:
        if len(text) < self._shortest:
            return text  # neither a spelling nor a part that is hidden is as short
        long = len(text) > _SHORT
        left = self._left[long]
        self._left[long] -= min(len(text), left)
        return hide_head(text, self._secrets, left) if left else ""


def hide_head(text: str, secrets: Iterable[str], most: int = 64 << 10) -> str:
    """The first `most` characters at most, with every one of `secrets` hidden, also one that the cut goes through."""
    held = tuple(secrets)
    if len(text) <= most:
        return hide(text, held)
    hidden = hide(text[:most], held)
    return hidden[: len(hidden) - max((len(each) for each in held), default=0) * _LONGEST_SPELLING]


def _hide(text: str, secrets: frozenset[str]) -> str:
    forms = _forms(secrets)
    places = [*forms.places(text)]
    read, at = text, list[int]()
    for read, at in _readings(text):
        places += ((at[start], at[stop]) for start, stop in forms.places(read))
    places += key_skeletons.places(text, forms.secrets)
    if read != text:
        places += ((at[start], at[stop]) for start, stop in key_skeletons.places(read, forms.secrets))
    long = frozenset(each for each in forms.secrets if len(each) >= _SPREAD)
    if long and _BLANK.search(read):
        # A line's end within a key may have become a blank
        bare, at = _rewritten(read, at, _BLANK, _nothing)
        ends = ((at[start], at[stop]) for start, stop in _forms(long).places(bare))
        places += [(start, start + len(text[start:stop].rstrip())) for start, stop in ends]
    if not places:
        return text
    pieces: list[str] = []
    end = 0
    for start, stop in _merged(places):
        pieces += (text[end:start], HIDDEN)
        end = stop
    return "".join((*pieces, text[end:]))


def _readings(text: str) -> Iterable[tuple[str, list[int]]]:
    """A text as it reads once its spellings are undone, one layer after the other, and where its characters stood.

    The last one is in plain letters: those of full width and with marks are what they are drawn as.
    """
    read, at = text, list[int]()
    for _ in range(_DEEPEST):
        before = read
        for form, meant_by in _LAYER:
            if form.search(read) is not None:
                read, at = _rewritten(read, at, form, meant_by)
        if read == before:
            break
        yield read, at
    if not read.isascii():
        plain, at = _rewritten(read, at, _BEYOND_ASCII, _plain)
        if plain != read:
            yield plain, at


def _rewritten(
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


def _meant(match: re.Match[str]) -> str:
    """What a spelling stands for; nothing for the signs of escaping."""
    for group in ("braced", "wide", "u", "x", "percent", "percent_u", "hex"):
        if match[group]:
            return _character(int(match[group], 16), match[0])
    if match["octal"]:
        return _character(int(match["octal"], 8), match[0])
    if match["decimal"]:
        return _character(int(match["decimal"]), match[0])
    if match["name"]:
        found = html.unescape(match[0])
        return found if len(found) == 1 else match[0]
    return ""


def _meant_by_bytes(match: re.Match[str]) -> str:
    """The character that some bytes are in UTF-8; their spelling where they are none."""
    found = [int(byte, 16) if byte else int(octal, 8) for byte, octal in _SPELLED_BYTE.findall(match[0])]
    try:
        return bytes(found).decode()
    except UnicodeDecodeError:
        return match[0]


def _plain(match: re.Match[str]) -> str:
    """The letters that a character is drawn as, without marks."""
    drawn = unicodedata.normalize("NFKD", match[0])[:_LEAST]  # one stands for a sentence of eighteen
    return "".join(each for each in drawn if not unicodedata.combining(each))


def _nothing(_: re.Match[str]) -> str:
    return ""


_LAYER = ((_NOTHING, _nothing), (_UTF_8, _meant_by_bytes), (_SPELLED, _meant))
"""What is taken off a text at a time."""


def _character(code: int, spelled: str) -> str:
    return chr(code) if code < 0x110000 else spelled


def _merged(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, stop in sorted(places):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(stop, found[-1][1])
        else:
            found.append((start, stop))
    return found


_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
"""As the pattern takes letters; those of other alphabets may be lowered to more than one."""


class _Forms:
    """What is looked for of some secrets: each of them whole, and of long ones what was cut off at either end.

    A text may end in the middle of a key, and a server may give back a part of it: half of one is one. A key that holds
    what looks like a spelling is looked for as it reads without it, too, since the text is read so.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        given = frozenset(secrets)
        read = {reading for secret in given for reading, _ in _readings(secret) if len(reading) >= _LEAST}
        self.secrets = given | read
        longest_first = sorted(self.secrets, key=len, reverse=True)
        self._long = [secret.translate(_LOWER) for secret in longest_first if len(secret) >= _DIVIDED]
        ends = [end for secret in self._long for end in (secret[: _half(secret)], secret[-_half(secret) :])]
        forms = dict.fromkeys((*longest_first, *ends))
        self._pattern = re.compile("|".join(map(re.escape, forms)), re.IGNORECASE | re.ASCII)

    def places(self, text: str) -> Iterable[tuple[int, int]]:
        """Where they begin and end in a text."""
        for match in self._pattern.finditer(text):
            start, stop = match.span()
            first, last = start, stop
            for secret in self._long:
                after = text[start : start + len(secret)].translate(_LOWER)
                before = text[max(stop - len(secret), 0) : stop].translate(_LOWER)
                if (count := _alike(after, secret)) >= _half(secret):
                    last = max(last, start + count)
                if (count := _alike(before[::-1], secret[::-1])) >= _half(secret):
                    first = min(first, stop - count)
            yield first, last


def _half(secret: str) -> int:
    """How many characters of a long secret, from either end, are to be hidden."""
    return max(_SPREAD, len(secret) // 2)


@functools.lru_cache(maxsize=64)
def _forms(secrets: frozenset[str]) -> _Forms:
    return _Forms(secrets)


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin alike with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (this, that) in pairs if this != that), min(len(one), len(other)))
