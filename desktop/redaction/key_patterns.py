"""Patterns of API keys of known services, for prompts, headers, addresses and the log. Pure functions."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from desktop.text.late_pattern import late_pattern


class KeyShape(NamedTuple):
    """Shape of a service's keys: a prefix (regular expression), the characters that follow it, and how many."""

    start: str
    characters: str
    least: int
    most: int


_LETTERS, _WORD, _HEX = "[A-Za-z0-9]", "[A-Za-z0-9_-]", "[a-f0-9]"

KEY_SHAPES = (
    KeyShape("sk-", _WORD, 20, 200),  # OpenAI, Anthropic, DeepSeek, OpenRouter
    KeyShape("xai-", _LETTERS, 20, 200),
    KeyShape("gsk_", _LETTERS, 20, 200),  # Groq
    KeyShape("nvapi-", _WORD, 20, 200),
    KeyShape("pplx-", _LETTERS, 20, 200),  # Perplexity
    KeyShape("csk-", _LETTERS, 20, 200),  # Cerebras
    KeyShape("r8_", _LETTERS, 20, 200),  # Replicate
    KeyShape("tgp_v1_", _WORD, 20, 200),  # Together
    KeyShape("(?:sk|rk)_live_", _LETTERS, 16, 200),  # Stripe
    KeyShape("(?:AKIA|ASIA)", "[A-Z0-9]", 16, 16),  # Amazon
    KeyShape("AIza", _WORD, 35, 35),  # Google
    KeyShape("gh[opusr]_", _LETTERS, 36, 255),
    KeyShape("github_pat_", "[A-Za-z0-9_]", 40, 255),
    KeyShape("glpat-", _WORD, 20, 100),
    KeyShape("xox[abeoprs]-", "[A-Za-z0-9-]", 20, 250),  # Slack
    KeyShape("hf_", _LETTERS, 30, 100),
    KeyShape("npm_", _LETTERS, 36, 36),
    KeyShape("pypi-AgEI", _WORD, 50, 250),
    KeyShape("dop_v1_", _HEX, 64, 64),
)
"""Each shape is a fixed prefix and one repeated class, so matching takes linear time."""

_LOOSE = 12
"""Minimum number of characters after the prefix where false positives are acceptable."""

API_KEY = rf"""(?x)
    (?<![A-Za-z0-9_-])
    (?: {" | ".join(f"{each.start}{each.characters}{{{each.least},{each.most}}}" for each in KEY_SHAPES)}
      | eyJ[A-Za-z0-9_-]{{10,4000}}\.eyJ[A-Za-z0-9_-]{{10,4000}}\.[A-Za-z0-9_-]{{16,1000}}   # signed tokens
      | [A-Za-z0-9]{{52}}JQQJ9[9D][A-Za-z0-9]{{20,40}}                                       # Azure
    )
    (?![A-Za-z0-9_])
    | AccountKey=[A-Za-z0-9+/]{{86}}==                                                       # Azure storage
    """
"""Complete key of a known shape, for prose in which ordinary words may look similar."""

KEY_START = (
    rf"(?<![A-Za-z0-9])(?:{'|'.join(each.start for each in KEY_SHAPES)}|(?:sk|pk|xai|gsk|glpat|hf)[-_])"
    rf"{_WORD}{{{_LOOSE},}}"
)
"""Prefix of a key and at least 12 characters, for strings that are more likely keys than words."""

_WORD_OF_ANY_KEY = late_pattern(r"[A-Za-z0-9+/=_.~-]{16,}")
_PART = late_pattern("[A-Za-z0-9]+")
_WHOLE = late_pattern(r"[A-Za-z0-9+=_]{20,}")
_THOUGHT_OF = late_pattern(r"""(?x)
    [A-Z]{0,9} (?: [A-Z]?+[a-z]{2,}+ ){0,8}+ [A-Z]{0,3}   # words, also joined: eastus, CreateRoute, HTTPServer
    | [A-Za-z] | [A-Z]{1,20} | [0-9]{1,20}
    | [A-Z]{2,20} [0-9]{1,4} [A-Z]{2,12} [0-9]{0,4} | [0-9]{1,3}x[0-9]{1,4}[A-Za-z]?
    # with a number: v2, 4o, 7B, base64url, x86, northcentralus2, iPhone15Pro
    | [A-Za-z]? (?: [A-Z]{0,4} | (?: [A-Z]?+[a-z]{2,}+ ){0,6}+ V? ) [0-9]{1,8}
      (?: [A-Za-z]{1,3} | [a-z]{3,12} | (?: [A-Z][a-z]{2,}+ ){1,4}+ )? [0-9]{0,2}
    """)
"""Part of a name or version chosen by a person. Possessive, because backtracking would try every split of a long run.
"""

_GROUPS, _MIXED, _GROUP = 3, 2, range(4, 9)
"""Minimum groups of a key that people type, minimum groups that mix letters and digits, and characters per group."""

_GROUPS_OF_HEX = late_pattern(r"(?i)\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


@cache
def compiled(expression: str) -> re.Pattern[str]:
    """Compile an expression on first use, because this takes milliseconds and the window paints without it."""
    return re.compile(expression)


def is_drawn(text: str) -> bool:
    """Whether a word of 16 characters or more looks random, as keys of unknown services do.

    A random word has parts that are not words, numbers or versions. Names chosen by people rarely count as random, and
    keys made only of lower-case letters never do.
    """
    return bool(_GROUPS_OF_HEX.search(text)) or any(map(_is_drawn, _WORD_OF_ANY_KEY.findall(text)))


def _is_drawn(word: str) -> bool:
    parts: list[str] = _PART.findall(word)
    return _is_in_groups(parts) or any(_THOUGHT_OF.fullmatch(each) is None for each in parts)


def _is_in_groups(parts: list[str]) -> bool:
    """Whether a word consists of groups of equal length, like keys that people type: HS4Z-8QKD-X2M7-PLT9."""
    mixed = [each for each in parts if not each.isalpha() and not each.isdigit()]
    return len(parts) >= _GROUPS and len(mixed) >= _MIXED and len({*map(len, parts)}) == 1 and len(parts[0]) in _GROUP


def is_key(text: str) -> bool:
    """Whether a text is a key and nothing else, for fields that expect a name or a host; if in doubt, it is not.

    Names chosen by people have punctuation between words, unlike most keys of unknown services.
    """
    if not is_drawn(text):
        return False
    return _WHOLE.fullmatch(text) is not None or compiled(API_KEY).fullmatch(text) is not None


def has_key(value: str) -> bool:
    """Whether a value, such as a header's, contains a key of a known service; if in doubt, it does."""
    return bool(compiled(KEY_START).search(value) or compiled(API_KEY).search(value))
