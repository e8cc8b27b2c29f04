"""The language, the direction and the paper of what the window writes for people."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QGuiApplication

from desktop.reports.ranking_html import PageWords
from ui.base.strings import tr


def page_words() -> PageWords:
    """The window's language, and what puts phrases into it."""
    is_rtl = QGuiApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft
    return PageWords(QLocale().bcp47Name(), is_rtl, tr)


def is_letter() -> bool:
    """Whether the user's country prints on Letter."""
    return QLocale.system().measurementSystem() is QLocale.MeasurementSystem.ImperialUSSystem
