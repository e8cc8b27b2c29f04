"""Guesses the language of a text by its script and its most frequent words. Pure functions."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

_WORDS = {
    "en": "the and of to is in that it for with this are be on as not you can have from or was which but they",
    "de": "der die das und ist nicht ein eine zu mit für auf den dem im sich auch werden wird oder kann sind von bei",
    "fr": "le la les des est et une dans pour que qui pas vous avec sur plus par ce au sont ne du cette ou",
    "es": "el los las una que es por para con del se no más como su está pero son lo al este esta puede y",
    "it": "il lo gli che è per una con non del della sono di più come anche questo nel alla si può dei ed",
    "pt": "o os as um uma que é para com não do da em se por mais como dos são ao na no você isso",
    "nl": "de het een en van is niet dat voor met op zijn te aan ook wordt kan deze bij naar als je worden of",
    "pl": "nie jest się na do że to jak są dla lub przez może od ale po tak tego jako oraz ich przy być",
    "sv": "och att det är en som för inte på med av till den har om kan ett du de från eller så ska var",
    "tr": "ve bir bu için ile olarak daha çok gibi olan değil var ne kadar da de sonra ancak ama veya her en",
}
_LANGUAGES = {language: frozenset(words.split()) for language, words in _WORDS.items()}
_SCRIPTS = {
    "CYRILLIC": "cyrillic",
    "GREEK": "el",
    "ARABIC": "ar",
    "HEBREW": "he",
    "DEVANAGARI": "hi",
    "THAI": "th",
    "HANGUL": "ko",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "CJK": "zh",
}
_LOOKED_AT = 4_000
_FEWEST_WORDS = 8
_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str) -> str | None:
    """Return a text's language, or None if it is too short or mixed to tell."""
    text = text[:_LOOKED_AT]
    letters = [each for each in text if each.isalpha()]
    if len(letters) < _FEWEST_WORDS:
        return None
    scripts = Counter(_script(each) for each in letters if not each.isascii())
    if scripts["ja"] and scripts["ja"] + scripts["zh"] > len(letters) / 3:
        return "ja"  # Chinese characters with syllables among them
    for script, number in scripts.most_common(1):
        if script and number > len(letters) / 3:
            return script
    words = [word.casefold() for word in _WORD.findall(text)]
    if len(words) < _FEWEST_WORDS:
        return None
    counts = {language: sum(word in known for word in words) for language, known in _LANGUAGES.items()}
    (best, most), (_, second) = Counter(counts).most_common(2)
    return best if most >= max(3, len(words) // 12) and most > 1.3 * second else None


@lru_cache(maxsize=4_096)
def _script(letter: str) -> str:
    """Return the language or script of a letter outside ASCII; empty for Latin."""
    name = unicodedata.name(letter, "").partition(" ")[0]
    return _SCRIPTS.get(name, "")
