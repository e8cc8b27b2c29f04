"""How large and how many files may be that go with a prompt."""

from __future__ import annotations

MOST_BYTES = 50 << 20
"""Of one file."""

MOST_FILES = 100
"""Of one prompt."""

MOST_PROMPT_BYTES = 512 << 20
"""Of all files of one prompt."""

LONGEST_SIDE = 2_048
"""Pixels of a picture's longer side as models are given it."""
