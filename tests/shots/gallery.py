"""All pictures there are, by name, in the order in which they are drawn."""

from __future__ import annotations

from tests.shots import attached, handing_on, keeping, ranked, replayed, signing, suites, voted
from tests.shots.pictures import PICTURES

__all__ = ["PICTURES", "attached", "handing_on", "keeping", "ranked", "replayed", "signing", "suites", "voted"]
