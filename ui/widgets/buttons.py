"""Push buttons with a role in the theme and a name for screen readers."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton


def button(text: str, role: str = "", name: str = "", *, by_enter: bool = False) -> QPushButton:
    """A button, called by its text where no name is given.

    With `by_enter` Enter presses it where it has the keyboard; without, Enter in a dialog's field presses none but the
    default one.
    """
    pushed = QPushButton(text)
    pushed.setAccessibleName(name or text)
    pushed.setAutoDefault(by_enter)
    if role:
        pushed.setProperty("role", role)
    return pushed
