"""What a picture comes to in tokens, by the rules that vendors give; pure.

OpenAI's and Anthropic's are documented; for others these are estimates.
"""

from __future__ import annotations

import math

_TILE, _BASE, _EACH = 512, 85, 170
_SHORT, _LONG = 768, 2_048


def picture_tokens(width: int, height: int, model: str) -> int:
    """Tokens of a picture of so many pixels."""
    if "claude" in model.casefold():
        return _by_area(width, height)
    if model.casefold().startswith(("gpt", "o1", "o3", "o4")):
        return _by_tiles(width, height)
    return _by_area(width, height)


def _by_area(width: int, height: int) -> int:
    """As Anthropic counts: a token for 750 pixels of what is at most 1,568 pixels long."""
    scale = min(1.0, 1_568 / max(width, height, 1))
    return math.ceil(width * scale * height * scale / 750)


def _by_tiles(width: int, height: int) -> int:
    """As OpenAI counts: within a square of 2,048, the shorter side brought to 768, tiles of 512."""
    scale = min(1.0, _LONG / max(width, height, 1))
    scale *= min(1.0, _SHORT / max(min(width, height) * scale, 1))
    across, down = (math.ceil(max(side * scale, 1) / _TILE) for side in (width, height))
    return _BASE + _EACH * across * down
