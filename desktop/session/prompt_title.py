"""The title that a first prompt gives: its first line with words, without a greeting before them; pure."""

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
"""Who is greeted, where no name of anything else is meant: `Hello Kitty` and `Hello world` are no greetings."""
_ASIDES = "how are you(?: doing)?(?: today)?|how's it going|wie geht(?:'s|’s|s| es (?:dir|ihnen))(?: heute)?"
_END = r"(?: ?[\U0001F300-\U0001FAFF])?(?:[,!.?]{1,3}(?=\s|$)|[،。！，？]{1,3}|$)"
"""What ends a greeting: a sign with a blank behind it (`hello.py` is none), or the line."""
_GREETING = late_pattern(rf"(?:{_GREETINGS})(?: (?:{_TO}))?{_END}(?!\s*(?:world|welt)\b)\s{{0,3}}", re.IGNORECASE)
_ASIDE = late_pattern(rf"(?:{_ASIDES}){_END}\s{{0,3}}", re.IGNORECASE)


def title_of(prompt: str) -> str:
    """A conversation's title from its first prompt: the first line that says more than a greeting, without that."""
    lines = _lines(prompt)
    said = next((bare for line in lines if (bare := _bare(line))), "")
    return shortened(said) if said else shortened(prompt)


def shortened(text: str) -> str:
    """The first line with words, cut at a word where it is too long for a title."""
    line = next(iter(_lines(text)), "")
    if len(line) <= _LENGTH:
        return line or "Untitled"
    cut = line[: _LENGTH - 1]
    word = cut.rpartition(" ")[0]
    return (word if len(word) > _LENGTH // 2 else cut).rstrip(",;:. ") + "…"


def _bare(line: str) -> str:
    """A line without a greeting, beginning with a capital then; empty where it is nothing else."""
    greeting = _GREETING.match(line)
    if greeting is None:
        return line
    rest = line[greeting.end() :]
    aside = _ASIDE.match(rest)
    rest = rest[aside.end() :] if aside is not None else rest
    return f"{rest[:1].upper()}{rest[1:]}" if any(map(str.isalnum, rest)) else ""


def _lines(text: str) -> list[str]:
    """The lines with words, near the beginning of a text."""
    start = text.lstrip()[:_WITHIN]
    lines = (" ".join(_printable(line).split()).lstrip("#>*- ") for line in start.splitlines())
    return [line for line in lines if line]


def _printable(text: str) -> str:
    return "".join(char if unicodedata.category(char)[0] != "C" or char == "\u200d" else " " for char in text)
