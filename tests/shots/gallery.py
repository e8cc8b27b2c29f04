"""All pictures there are, by name, in the order in which they are drawn."""

from __future__ import annotations

from tests.shots import (
    attached,
    called,
    handing_on,
    keeping,
    ranked,
    replayed,
    signing,
    structured,
    suites,
    tooled,
    voted,
)
from tests.shots.pictures import PICTURES

__all__ = [
    "PICTURES",
    "attached",
    "called",
    "handing_on",
    "keeping",
    "ranked",
    "replayed",
    "signing",
    "structured",
    "suites",
    "tooled",
    "voted",
]
