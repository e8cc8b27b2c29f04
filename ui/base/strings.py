"""Translated text of the window: sentences, plurals, dates, numbers and errors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from PySide6.QtCore import QCoreApplication, QDate, QLocale

from desktop.errors import ParagoneError
from desktop.text.phrases import Numeral, Phrase, bounded
from ui.base.window_wording import LABELS, reworded

CONTEXT = "Paragone"
"""Qt translation context of all strings in Paragone."""

_NOW = timedelta(minutes=1)
_WEEK = timedelta(days=6)
_TYPED = re.compile(r"`([^`]+)`")
_LARGEST = (1 << 63) - 1
_NAMED = 3
"""Maximum number of files that are listed by name; longer lists are only counted."""
_SIZE = re.compile(r"(?<!\s)\s+\d+(?:\.\d+)?[MB]$")


def tr(source: str, /, **values: object) -> str:
    """Translate a sentence and fill in its values like str.format. The source must be a literal.

    A Phrase is translated with its own template and values. Text that comes from outside Paragone is shortened.
    """
    if not source:
        return ""  # to Qt the empty source is the translation's own header
    if isinstance(source, Phrase):
        return bounded(_phrase(source))
    template = _quoted(QCoreApplication.translate(CONTEXT, reworded(bounded(source))))
    return template.format(**values) if values else template


def trn(one: str, many: str, number: int, /, **values: object) -> str:
    """Translate a sentence that counts `{n}` things, such as "{n} connection", "{n} connections".

    Both must be literals.
    """
    template = QCoreApplication.translate(CONTEXT, many, None, _counted(number))
    if template == many and number == 1:
        template = one
    return template.format(n=number_text(number), **values)


def number_text(number: int) -> str:
    """Format an integer with thousands separators in the user's locale."""
    locale = QLocale()
    is_plain = locale.language() is QLocale.Language.C or abs(number) > _LARGEST
    return f"{number:,}" if is_plain else locale.toString(number)


def _counted(number: int) -> int:
    """Return a number below 32 bits that has the same plural form, because Qt accepts no larger ones."""
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
    """Translate a value that is inserted into a sentence."""
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
    """Replace backticks, which are for the terminal and the documentation, with the language's quotation marks."""
    if "`" not in template:
        return template
    quoted = tr("“{text}”")
    return _TYPED.sub(lambda found: quoted.replace("{text}", found[1]), template)


def decimal(value: float, places: int) -> str:
    """Format a number with a fixed number of decimal places in the user's locale."""
    return QLocale().toString(float(value), "f", places)


def when(at: datetime, now: datetime) -> str:
    """Format a time for lists, in the time zone of `now`: "now", "10:12", "Mon", "3 Nov", "3 Nov 2025"."""
    at = at.astimezone(now.tzinfo)
    if abs(now - at) < _NOW:
        return tr("now")
    days = now.date() - at.date()
    if not days:
        return f"{at:%H:%M}"
    if timedelta(0) < days <= _WEEK:
        return QLocale().standaloneDayName(at.isoweekday(), QLocale.FormatType.ShortFormat)
    return short_day(at) if at.year == now.year else day(at)


def short_day(at: date) -> str:
    """Format a date such as "1 May"."""
    return _date(at, tr("d MMM"))


def day(at: date) -> str:
    """Format a date such as "1 May 2026"."""
    return _date(at, tr("d MMM yyyy"))


def _date(at: date, form: str) -> str:
    """Format a date by a QLocale pattern, which each language may reorder."""
    return QLocale().toString(QDate(at.year, at.month, at.day), form)


def files_text(names: Sequence[str]) -> str:
    """List files by name, or count them if there are too many to read."""
    return ", ".join(names) if len(names) <= _NAMED else trn("{n} file", "{n} files", len(names))


def short_name(name: str) -> str:
    """Return a model's name without the size suffix."""
    return _SIZE.sub("", name)


def sentence(error: ParagoneError) -> str:
    """Return an error and its hint as one line. May contain text from servers: show it as plain text only."""
    return f"{tr(error.message)} {tr(error.hint)}".strip()


def holds_every(words: Iterable[str], text: str) -> bool:
    """Whether a text contains all the given lower-case words."""
    folded = text.casefold()
    return all(word in folded for word in words)
