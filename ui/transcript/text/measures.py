"""Pixels around code among other text, which its paragraphs leave free and its ground fills."""

from __future__ import annotations

CODE_SIDE, CODE_EDGE = 12, 8
"""Beside its lines, and above and below them."""
