"""Scripts that are written without spaces between words, or whose particles are attached to words."""

from __future__ import annotations

UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u1100-\u11ff\u2e80-\u2fff\u3040-\u30ff\u3105-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f"
    "\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U00020000-\U000323af"  # Chinese, Japanese, Korean
)
"""Ranges of letters in scripts without spaces, for a character class in a regular expression."""

PREFIXING = "\u0590-\u06ff\u0750-\u077f\u0900-\u0dff\ufb1d-\ufdff\ufe70-\ufefc"
"""Ranges of letters in Hebrew, Arabic and Indic scripts, which attach articles and particles to words."""

WIDE_MARKS = "\u3000-\u303f\ufe10-\ufe1f\ufe30-\ufe6f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
"""Ranges of Chinese, Japanese and Korean punctuation."""
