"""The rights of files, which root does not heed unless that is taken away."""

from __future__ import annotations

import os
import shutil

import pytest


def bound_by_modes() -> tuple[str, ...]:
    """What makes root heed a file's mode, before a command; the test is skipped where nothing does."""
    if os.name == "nt":
        pytest.skip("modes are no protection on Windows")
    if os.geteuid() != 0:
        return ()
    if shutil.which("setpriv") is None:
        pytest.skip("root ignores modes, and setpriv is not there to take that right away")
    return ("setpriv", "--inh-caps=-dac_override,-dac_read_search", "--bounding-set=-dac_override,-dac_read_search")
