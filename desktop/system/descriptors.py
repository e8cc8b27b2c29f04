"""How many files and connections the program may hold open at once: as many as the system allows it."""

from __future__ import annotations

import contextlib
import errno
import os
import sys

_WANTED = 8_192
"""Sixteen panes, their answers and a database need some hundreds; shells often begin with 256 or 1,024."""


def raise_limit(wanted: int = _WANTED) -> int:
    """Raise the soft limit of open descriptors to what is wanted or allowed; the limit then, 0 where there is none."""
    if sys.platform == "win32":
        return 0
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with contextlib.suppress(ValueError, OSError):  # macOS allows less than it says
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def are_spent(error: BaseException) -> bool:
    """Whether something failed since the program, or the whole system, may open nothing more."""
    return getattr(error, "errno", None) in {errno.EMFILE, errno.ENFILE}


def none_is_left() -> bool:
    """Whether nothing more can be opened now: looking up a name then fails as if there were no such name."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return are_spent(error)
    return False
