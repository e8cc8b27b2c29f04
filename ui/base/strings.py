"""What is said in the window, in the user's language: sentences, counts, dates and errors in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from PySide6.QtCore import QCoreApplication, QDate, QLocale

from desktop.errors import ParagoneError
from desktop.text.phrases import Numeral, Phrase, bounded
from ui.base.window_wording import LABELS, reworded

CONTEXT = "Paragone"
"""Qt's translation context of all our strings."""

_NOW = timedelta(minutes=1)
_WEEK = timedelta(days=6)
_TYPED = re.compile(r"`([^`]+)`")
_LARGEST = (1 << 63) - 1
_NAMED = 3
"""Files that are named one by one; of more it is said how many there are."""
_SIZE = re.compile(r"(?<!\s)\s+\d+(?:\.\d+)?[MB]$")


def tr(source: str, /, **values: object) -> str:
    """A sentence in the user's language with its values filled in, as str.format does; the source must be a literal.

    A Phrase of desktop is translated by its own template; its values need not be given again. What was written by
    others may be of any length: it is cut.
    """
    if not source:
        return ""  # to Qt the empty source is the translation's own header
    if isinstance(source, Phrase):
        return bounded(_phrase(source))
    template = _quoted(QCoreApplication.translate(CONTEXT, reworded(bounded(source))))
    return template.format(**values) if values else template


def trn(one: str, many: str, number: int, /, **values: object) -> str:
    """A sentence that counts: `{n}` stands for the number. “{n} connection”, “{n} connections”; both literals."""
    template = QCoreApplication.translate(CONTEXT, many, None, _counted(number))
    if template == many and number == 1:
        template = one
    return template.format(n=number_text(number), **values)


def number_text(number: int) -> str:
    """A whole number with its thousands told apart, in the user's digits."""
    locale = QLocale()
    is_plain = locale.language() is QLocale.Language.C or abs(number) > _LARGEST
    return f"{number:,}" if is_plain else locale.toString(number)


def _counted(number: int) -> int:
    """What Qt is told to choose a plural by, which takes 32 bits: languages go by the last two digits, or by a few."""
    return number if abs(number) < 1_000_000 else 1_000_000 + number % 1_000


def _phrase(source: Phrase) -> str:
    number = -1 if source.number is None else source.number
    template = QCoreApplication.translate(CONTEXT, reworded(source.template), None, _counted(number))
    values = {name: _value(value) for name, value in source.values.items()}
    if template == source.template and "`" not in template and values == source.values:
        return str(source)  # no translation: the English as it reads
    if source.number is not None:
        values["n"] = number_text(number)
    return _quoted(template).format(**values)


def _value(value: object) -> object:
    """What stands in a sentence, in the user's language."""
    if isinstance(value, Phrase):
        return _phrase(value)
    if isinstance(value, str) and (label := LABELS.get(value)) is not None:
        return tr("“{text}”", text=tr(label))
    if not isinstance(value, Numeral):
        return value
    locale = QLocale()
    if locale.language() is QLocale.Language.C or abs(value.value) > _LARGEST:
        return str(value)
    rounded = round(float(value.value), value.places)  # halves as English has them: Qt rounds them up
    return locale.toString(rounded, "f", value.places).replace("-", "−")


def _quoted(template: str) -> str:
    """What a sentence gives as it is to be typed, between the quotation marks of the user's language.

    Backticks are for the terminal and for pages of the documentation.
    """
    if "`" not in template:
        return template
    quoted = tr("“{text}”")
    return _TYPED.sub(lambda found: quoted.replace("{text}", found[1]), template)


def decimal(value: float, places: int) -> str:
    """A number with so many places behind the point, or what the user's language has for it."""
    return QLocale().toString(float(value), "f", places)


def when(at: datetime, now: datetime) -> str:
    """A time as lists show it, in the zone of `now`: “now”, “10:12”, “Mon”, “3 Nov”, “3 Nov 2025”."""
    at = at.astimezone(now.tzinfo)
    if abs(now - at) < _NOW:
        return tr("now")
    days = now.date() - at.date()
    if not days:
        return f"{at:%H:%M}"
    if timedelta(0) < days <= _WEEK:
        return QLocale().standaloneDayName(at.isoweekday(), QLocale.FormatType.ShortFormat)
    return _date(at, tr("d MMM")) if at.year == now.year else day(at)


def day(at: date) -> str:
    """A day as it is read: “1 May 2026”."""
    return _date(at, tr("d MMM yyyy"))


def _date(at: date, form: str) -> str:
    """A day in a form of QLocale's letters, which a language may order in its own way."""
    return QLocale().toString(QDate(at.year, at.month, at.day), form)


def files_text(names: Sequence[str]) -> str:
    """Files by their names, or how many they are where nobody would read these."""
    return ", ".join(names) if len(names) <= _NAMED else trn("{n} file", "{n} files", len(names))


def short_name(name: str) -> str:
    """A model's name without the size at its end, as one speaks to it."""
    return _SIZE.sub("", name)


def sentence(error: ParagoneError) -> str:
    """An error as one line: what happened, then what to do. May hold text from servers: show it as plain text."""
    return f"{tr(error.message)} {tr(error.hint)}".strip()


def holds_every(words: Iterable[str], text: str) -> bool:
    """Whether every one of some words (in lower case) occurs in a text."""
    folded = text.casefold()
    return all(word in folded for word in words)
