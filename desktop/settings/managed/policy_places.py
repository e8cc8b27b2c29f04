"""Fixed locations of policies, which settings and environment variables cannot change."""

from __future__ import annotations

from pathlib import Path

LINUX = Path("/etc/paragone/policies")
MACOS = Path("/Library/Managed Preferences")
WINDOWS = r"SOFTWARE\Policies\Paragone"
"""Registry key below HKEY_LOCAL_MACHINE and HKEY_CURRENT_USER."""
