"""Title from a first prompt: the first line with words, without a greeting. Pure functions."""

from __future__ import annotations

import re
import unicodedata

from desktop.text.late_pattern import late_pattern

_LENGTH = 60
_WITHIN = 4_000  # characters of a prompt in which its title is looked for

_GREETINGS = (
    "hi|hello|hey|hiya|good (?:morning|afternoon|evening|day)"
    "|hallo|hallöchen|moin(?: moin)?|servus|grüezi|grüß gott|guten (?:tag|morgen|abend)"
    "|bonjour|bonsoir|salut|coucou|hola|buen(?:os|as) (?:días|tardes|noches)|ciao|buongiorno|buonasera"
    "|olá|bom dia|boa (?:tarde|noite)|hoi|goedemorgen|goedemiddag|hej|cześć|dzień dobry|привет|здравствуйте"
    "|مرحبا|أهلا|السلام عليكم|שלום|你好|您好|こんにちは|안녕하세요"
)
_TO = "there|all|everyone|everybody|again|zusammen|nochmal|claude|chatgpt|gpt|gemini|grok|llama|mistral"
"""Addressees of a greeting that are not part of a name: `Hello Kitty` and `Hello world` are not greetings."""
_ASIDES = "how are you(?: doing)?(?: today)?|how's it going|wie geht(?:'s|’s|s| es (?:dir|ihnen))(?: heute)?"
_END = r"(?: ?[\U0001F300-\U0001FAFF])?(?:[,!.?]{1,3}(?=\s|$)|[،。！，？]{1,3}|$)"
"""End of a greeting: punctuation followed by whitespace (`hello.py` has none), or the end of the line."""
_GREETING = late_pattern(rf"(?:{_GREETINGS})(?: (?:{_TO}))?{_END}(?!\s*(?:world|welt)\b)\s{{0,3}}", re.IGNORECASE)
_ASIDE = late_pattern(rf"(?:{_ASIDES}){_END}\s{{0,3}}", re.IGNORECASE)


def title_of(prompt: str) -> str:
    """Return a title from the first line that is more than a greeting, without the greeting."""
    lines = _lines(prompt)
    said = next((bare for line in lines if (bare := _bare(line))), "")
    return shortened(said) if said else shortened(prompt)


def shortened(text: str) -> str:
    """Return the first line with words, truncated at a word boundary if it is too long for a title."""
    line = next(iter(_lines(text)), "")
    if len(line) <= _LENGTH:
        return line or "Untitled"
    cut = line[: _LENGTH - 1]
    word = cut.rpartition(" ")[0]
    return (word if len(word) > _LENGTH // 2 else cut).rstrip(",;:. ") + "…"


def _bare(line: str) -> str:
    """Return a line without its greeting, capitalized; empty if the line is only a greeting."""
    greeting = _GREETING.match(line)
    if greeting is None:
        return line
    rest = line[greeting.end() :]
    aside = _ASIDE.match(rest)
    rest = rest[aside.end() :] if aside is not None else rest
    return f"{rest[:1].upper()}{rest[1:]}" if any(map(str.isalnum, rest)) else ""


def _lines(text: str) -> list[str]:
    """Return the lines with words near the beginning of a text."""
    start = text.lstrip()[:_WITHIN]
    lines = (" ".join(_printable(line).split()).lstrip("#>*- ") for line in start.splitlines())
    return [line for line in lines if line]


def _printable(text: str) -> str:
    return "".join(char if unicodedata.category(char)[0] != "C" or char == "\u200d" else " " for char in text)
