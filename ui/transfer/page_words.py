"""Language, text direction and paper size for exported documents."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QGuiApplication

from desktop.reports.ranking_html import PageWords
from ui.base.strings import tr


def page_words() -> PageWords:
    """Return the window's language and direction, with a function that translates."""
    is_rtl = QGuiApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft
    return PageWords(QLocale().bcp47Name(), is_rtl, tr)


def is_letter() -> bool:
    """Whether the user's country uses Letter paper."""
    return QLocale.system().measurementSystem() is QLocale.MeasurementSystem.ImperialUSSystem
