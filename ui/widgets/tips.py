"""Tooltips of text that is not ours: Qt takes for rich text whatever looks like it, and would load its images."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
"""As html.escape; that module's table of all names of characters takes a three-hundredth of the start."""


def plain_tip(text: str) -> str:
    """A tooltip that shows a text as it stands, whatever its author wrote; nothing for nothing."""
    if not text:
        return ""
    return f"<p style='white-space: pre-wrap'>{text.translate(_ESCAPED)}</p>"


def put_tip(control: QWidget, text: str) -> None:
    """Give a control such a tooltip. To screen readers Qt would hand out its markup, so they get the text."""
    control.setToolTip(plain_tip(text))
    control.setAccessibleDescription(text)
