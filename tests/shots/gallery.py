"""All pictures there are, by name, in the order in which they are drawn."""

from __future__ import annotations

from tests.shots import keeping, signing
from tests.shots.pictures import PICTURES

__all__ = ["PICTURES", "keeping", "signing"]
