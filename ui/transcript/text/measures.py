"""Space around code within text, used for both paragraphs and backgrounds."""

from __future__ import annotations

CODE_SIDE, CODE_EDGE = 12, 8
"""Space beside lines of code, and space above and below them, in pixels."""

CODE_HEADER = 24
"""Height in pixels of the line with the language and the button above code within text."""
