"""The policy of this machine, read from the place that its system has for it."""

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
    """What IT says here; the place is fixed and no variable moves it. Takes under a millisecond where nothing is."""
    if platform != "win32" and not os.path.lexists(MACOS if platform == "darwin" else LINUX):
        return NO_POLICY  # nearly every machine: nothing else is imported or opened
    from desktop.settings.managed.policy_declarations import load
    from desktop.settings.managed.policy_sources import policy_of

    declarations = cache(lambda: load(declarations_file))
    found = _found(platform, declarations)
    return policy_of(found, declarations()) if found else NO_POLICY


def _found(platform: str, declarations: Callable[[], Declarations]) -> PolicySources:
    if platform == "win32":
        from desktop.settings.managed import windows

        return windows.read(declarations)
    if platform == "darwin":
        from desktop.settings.managed import macos

        return macos.read()
    from desktop.settings.managed import linux

    return linux.read()
