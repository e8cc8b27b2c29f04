"""Sizes of replays: defaults and limits, which the command line shows without loading anything else."""

USUAL_ITEMS, MOST_ITEMS = 200, 1_000
"""Turns of a replay unless the user chooses another number, and at most."""

MOST_SUCCESSORS = 3
MOST_REPEATS = 10

USUAL_MARGIN = 10.0
"""Points of net preference by which a successor may be worse and still count as not worse."""
