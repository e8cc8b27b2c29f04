"""Widgets take the colours of another palette, whatever becomes of them on the way."""

from __future__ import annotations

from typing import Any

import shiboken6
from PySide6.QtWidgets import QLineEdit, QProxyStyle, QWidget
from pytestqt.qtbot import QtBot

from ui.base.polisher import Polisher


class Renewing(QProxyStyle):
    """Takes the fields out of what it polishes, as those do that make their editors anew."""

    def polish(self, what: Any) -> None:  # noqa: ANN401 - Qt has three of them
        for field in what.findChildren(QLineEdit) if isinstance(what, QWidget) else ():
            shiboken6.delete(field)


def test_what_goes_while_that_which_holds_it_is_polished_is_passed_over(qtbot: QtBot) -> None:
    holder, style = QWidget(), Renewing("fusion")
    qtbot.addWidget(holder)
    holder.setStyle(style)
    field = QLineEdit(holder)
    polisher = Polisher(holder)
    polisher._left = {field: None, holder: None}
    polisher._take(field)
    assert not shiboken6.isValid(field)
    assert not polisher._left
