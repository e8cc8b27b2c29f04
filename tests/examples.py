"""How many made-up examples a property is tried with."""

import os

PERCENT = int(os.environ.get("PARAGONE_TEST_EXAMPLES", "25"))
"""So much of what a long run has (docs/assurance.md)."""


def examples(most: int) -> int:
    """The share of `most` that this run of the tests takes."""
    return max(1, most * PERCENT // 100)
