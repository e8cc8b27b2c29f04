"""Tooltips for untrusted text. Qt would treat anything that looks like markup as rich text and load its images."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
"""Translation table with the same effect as html.escape, whose module takes 0.3% of the startup time."""


def plain_tip(text: str) -> str:
    """Return a tooltip that shows a text literally; empty for an empty text."""
    if not text:
        return ""
    return f"<p style='white-space: pre-wrap'>{text.translate(_ESCAPED)}</p>"


def put_tip(control: QWidget, text: str) -> None:
    """Set a tooltip that shows a text literally, and the accessible description."""
    control.setToolTip(plain_tip(text))
    control.setAccessibleDescription(text)
