"""Policy of this computer, read from the standard location of its operating system."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.settings.managed.policy_places import LINUX, MACOS
from desktop.settings.policy import NO_POLICY, Policy

if TYPE_CHECKING:
    from desktop.settings.managed.policy_declarations import Declarations
    from desktop.settings.managed.policy_sources import PolicySources


def read_policy(declarations_file: Path, platform: str = sys.platform) -> Policy:
    """Return the policy of this computer. Its location is fixed, so no environment variable can change it.

    Takes less than a millisecond if there is no policy.
    """
    if platform != "win32" and not os.path.lexists(MACOS if platform == "darwin" else LINUX):
        return NO_POLICY  # nearly every machine: avoid further imports and file access
    from desktop.settings.managed.policy_declarations import load
    from desktop.settings.managed.policy_sources import policy_of

    declarations = cache(lambda: load(declarations_file))
    found = sources(platform, declarations)
    return policy_of(found, declarations()) if found else NO_POLICY


def sources(platform: str, declarations: Callable[[], Declarations]) -> PolicySources:
    """Return the policy values of this computer, not validated."""
    if platform == "win32":
        from desktop.settings.managed import windows

        return windows.read(declarations)
    if platform == "darwin":
        from desktop.settings.managed import macos

        return macos.read()
    from desktop.settings.managed import linux

    return linux.read()
