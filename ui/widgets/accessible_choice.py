"""A choice as screen readers find it: named by its label, with what is chosen as its text.

On Linux Qt names a choice by what is chosen, and takes its list for seen while it is closed.
"""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QComboBox, QWidget
from shiboken6 import Shiboken

from ui.widgets.accessible_text import AccessibleText

if TYPE_CHECKING:
    from collections.abc import Sequence

_PRESS = "Press"


class AccessibleChoice(QAccessibleWidget):
    """Registered with Qt by the box that it is of; Qt deletes it with that."""

    def __init__(self, box: QComboBox) -> None:
        super().__init__(box, QAccessible.Role.ComboBox)
        self._box = box
        self._text = AccessibleText(box.currentText)

    def text(self, t: QAccessible.Text) -> str:
        """Its label, and what is chosen."""
        return self._box.currentText() if t == QAccessible.Text.Value else super().text(t)

    def state(self) -> QAccessible.State:
        """Whether its list is open."""
        made = super().state()
        made.expandable = True
        made.expanded = self._box.view().isVisible()
        made.editable = self._box.isEditable()
        return made

    def interface_cast(self, t: QAccessible.InterfaceType) -> int:
        """It has a text. A bare number, or None, would be taken for the address of something else."""
        if t == QAccessible.InterfaceType.TextInterface:
            return cast("int", Shiboken.VoidPtr(Shiboken.getCppPointer(self._text)[0]))
        has = cast("int | None", super().interface_cast(t))  # an address that counts as false
        return cast("int", Shiboken.VoidPtr(0)) if has is None else has

    def childCount(self) -> int:
        """The list while it is open, and the field of what can be typed into."""
        return len(self._parts)

    def child(self, index: int) -> QAccessibleInterface:
        """One of these."""
        parts = self._parts
        found = QAccessible.queryAccessibleInterface(parts[index]) if 0 <= index < len(parts) else None
        return cast("QAccessibleInterface", found)

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """The place of one of these."""
        return next((place for place, part in enumerate(self._parts) if child.object() is part), -1)

    def actionNames(self) -> list[str]:
        """It can be opened."""
        return [_PRESS, *super().actionNames()]

    def doAction(self, actionName: str) -> None:  # noqa: N803
        """Open or close the list."""
        if actionName != _PRESS:
            super().doAction(actionName)
        elif self._box.view().isVisible():
            self._box.hidePopup()
        else:
            self._box.showPopup()

    @property
    def _parts(self) -> Sequence[QWidget]:
        view = self._box.view()
        line = self._box.lineEdit()
        return [*([view] if view.isVisible() else []), *([] if line is None else [line])]
