"""Encodings in which a server may echo a key: JSON, percent, HTML and base64. Pure functions.

Decoded text comes with the offset of each character in the original, so that matches can be redacted there.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from desktop.text.late_pattern import late_pattern

_MOST_PASSES = 2
"""Number of times a text is decoded, for nested encodings such as JSON within percent encoding or HTML within JSON."""

_NEXT_BYTE = "(?:%(?:25)*[89ab][0-9a-f])"
_ENCODED = late_pattern(
    rf"""(?xis)
      \\+ u (?P<high> d[89ab][0-9a-f]{{2}} ) \\+ u (?P<low> d[c-f][0-9a-f]{{2}} )   # two halves of one character
    | \\+ (?: u (?P<unicode> [0-9a-f]{{4}} ) | (?P<sign> [^&%] ) )?
    | (?P<bytes> %(?:25)* (?: [cd][0-9a-f] | e[0-9a-f] {_NEXT_BYTE} | f[0-7] {_NEXT_BYTE}{{2}} ) {_NEXT_BYTE} )  # UTF-8
    | %(?:25)* (?P<byte> [0-9a-f]{{2}} )
    | &(?:amp;)* (?: \#(?P<decimal> [0-9]{{1,7}} ) | \#x(?P<hex> [0-9a-f]{{1,6}} ) | (?P<name> [a-z]{{2,24}} ) ) ;
    """
)
"""One encoded character. JSON within JSON only repeats its backslash, so a run of backslashes counts as one; so does
`25` after a percent sign and `amp;` after an ampersand.
"""

_CONTROLS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_LEAST_IN_BASE64 = 6
"""Minimum characters of a secret that is also searched in base64; any image contains four given base64 letters."""


def decodings(text: str) -> Iterator[tuple[str, list[int]]]:
    """Yield the text after each decoding pass, with the offset in the original of each character and of the end.

    Yields nothing for a text without encoded characters. Takes linear time.
    """
    offsets = [*range(len(text) + 1)] if any(map(text.__contains__, "\\%&")) else []
    for _ in range(_MOST_PASSES if offsets else 0):
        decoded, offsets = _decoded(text, offsets)
        if decoded == text:
            return
        yield decoded, offsets
        text = decoded


def base64_forms(secret: str) -> frozenset[str]:
    """Return base64 substrings, one of which a text must contain if the encoded data contains the secret.

    Three bytes become four letters, so the letters depend on the secret's offset modulo three. Letters that also encode
    bits of neighboring bytes are excluded.
    """
    data = secret.encode("utf-8", "replace")
    if len(data) < _LEAST_IN_BASE64:
        return frozenset()
    forms: set[str] = set()
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + data).decode()
        form = encoded[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]
        forms |= {form, form.translate(str.maketrans("+/", "-_"))}
    return frozenset(forms)


def _decoded(text: str, offsets: list[int]) -> tuple[str, list[int]]:
    pieces: list[str] = []
    places: list[int] = []
    end = 0
    for match in _ENCODED.finditer(text):
        character = _character(match)
        pieces += (text[end : match.start()], character)
        places += offsets[end : match.start()]
        places += [offsets[match.start()]] * len(character)
        end = match.end()
    return "".join((*pieces, text[end:])), places + offsets[end:]


def _character(match: re.Match[str]) -> str:
    """Return the decoded character, or the match itself if it is not a valid encoding."""
    kind, value = match.lastgroup, match[match.lastgroup or 0]
    if kind is None:
        return ""  # backslashes at the end, or before another encoded character
    if kind == "low":
        return chr(0x10000 + ((int(match["high"], 16) & 0x3FF) << 10) + (int(value, 16) & 0x3FF))
    if kind == "sign":
        return _CONTROLS.get(value, value)
    if kind == "bytes":
        character = bytes.fromhex(re.sub("%(?:25(?=[0-9a-fA-F]{2}))*", "", value)).decode("utf-8", "replace")
        return character if len(character) == 1 else match[0]
    if kind == "name":
        from html import unescape  # the first paint needs none

        character = unescape(f"&{value};")
        return character if len(character) == 1 else match[0]
    code = int(value, 10 if kind == "decimal" else 16)
    return chr(code) if code < 0x110000 else match[0]
