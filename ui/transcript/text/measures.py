"""Space around code within text, used for both paragraphs and backgrounds."""

from __future__ import annotations

CODE_SIDE, CODE_EDGE = 12, 8
"""Space beside lines of code, and space above and below them, in pixels."""
