"""The viewport of a scroll area, made by the program itself."""

from __future__ import annotations

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QAbstractScrollArea, QScrollArea, QWidget


def put_viewport(area: QAbstractScrollArea) -> None:
    """Give a scroll area that was just made a viewport like its own.

    When Python is handed the first widget that Qt has made, PySide loads every kind of widget that there is: a
    fortieth of the instructions until the first paint.
    """
    viewport = QWidget(area)
    viewport.setObjectName("qt_scrollarea_viewport")
    role = QPalette.ColorRole
    viewport.setBackgroundRole(role.Window if isinstance(area, QScrollArea) else role.Base)
    viewport.setAutoFillBackground(True)
    area.setViewport(viewport)
