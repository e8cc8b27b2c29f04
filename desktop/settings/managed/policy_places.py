"""Fixed locations of policies, independent of settings and variables."""

from __future__ import annotations

from pathlib import Path

LINUX = Path("/etc/paragone/policies")
MACOS = Path("/Library/Managed Preferences")
WINDOWS = r"SOFTWARE\Policies\Paragone"
"""Registry key below HKEY_LOCAL_MACHINE."""
