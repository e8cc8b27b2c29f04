"""The places of policies, which no setting and no variable moves."""

from __future__ import annotations

from pathlib import Path

LINUX = Path("/etc/paragone/policies")
MACOS = Path("/Library/Managed Preferences")
WINDOWS = r"SOFTWARE\Policies\Paragone"
"""Below HKEY_LOCAL_MACHINE."""
