"""Detects and names invisible and bidirectional characters. Pure functions."""

from __future__ import annotations

from desktop.text.late_pattern import late_pattern

_EMOJI = "\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_CHOOSING = f"{_EMOJI}\xa9\xae\u203c\u2049\u2122"
"""Characters whose emoji form depends on a variation selector. The same holds for `_KEYS`, which may be part of names.
"""

_KEYS = "#*0-9\u2139"
_JOINED = "\u0620-\u06ff\u0700-\u074f\u0750-\u077f\u08a0-\u08ff\u0900-\u0dff\ufb50-\ufdff\ufe70-\ufefc"
"""Letters of scripts with contextual forms: Arabic, Syriac, Indic."""

HIDDEN = late_pattern(
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
    "|(?<![\u2800-\u28ff])\u2800+(?![\u2800-\u28ff])"
    rf"|(?!(?<=[{_JOINED}]).[{_JOINED}])(?:(?<![{_EMOJI}\ufe0f])\u200d|\u200c)"
    rf"|(?<![{_CHOOSING}])(?!(?<=(?<!\w)[{_KEYS}]).(?!\w)|(?<=[#*0-9]).\u20e3)[\ufe0e\ufe0f]"
)
"""Invisible or bidirectional characters, except joiners and selectors in places where they have a visible effect."""

LEFT_TO_RIGHT, AS_BEFORE = "\u2066", "\u2069"
"""Characters that isolate code within right-to-left text."""

UNWRITTEN = "\0"
"""Marks a character that is not in the source because Paragone inserted it."""

_NAMES = {
    "\u061c": "ALM", "\u200b": "ZWSP", "\u200c": "ZWNJ", "\u200d": "ZWJ", "\u200e": "LRM", "\u200f": "RLM",
    "\u202a": "LRE", "\u202b": "RLE", "\u202c": "PDF", "\u202d": "LRO", "\u202e": "RLO", "\u2060": "WJ",
    "\u034f": "CGJ", "\u115f": "HCF", "\u1160": "HJF", "\u2800": "BLANK", "\u3164": "HF", "\uffa0": "HHF",
    "\u2066": "LRI", "\u2067": "RLI", "\u2068": "FSI", "\u2069": "PDI", "\ufeff": "BOM", "\xad": "SHY",
}  # fmt: skip


def name_of(sign: str) -> str:
    """Return a short name for an invisible character."""
    if known := _NAMES.get(sign):
        return known
    code = ord(sign)
    if 0xFE00 <= code <= 0xFE0F:
        return f"VS{code - 0xFE00 + 1}"
    if 0xE0100 <= code <= 0xE01EF:
        return f"VS{code - 0xE0100 + 17}"
    return f"TAG {chr(code - 0xE0000)}" if 0xE0021 <= code <= 0xE007E else f"U+{code:04X}"
