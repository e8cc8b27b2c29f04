"""Space around inline code blocks, shared by paragraphs and backgrounds."""

from __future__ import annotations

CODE_SIDE, CODE_EDGE = 12, 8
"""Space beside code lines, and above and below them, in pixels."""
