"""A regular expression that is compiled when it is first used: compiling all of them takes a twentieth of the start."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, cast


class LatePattern:
    """Stands for what it compiles, at the cost of an attribute."""

    def __init__(self, source: str, flags: int) -> None:
        self._source = source
        self._flags = flags

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The expression itself."""
        return re.compile(self._source, self._flags)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a pattern has
        found = getattr(self.compiled, name)
        self.__dict__[name] = found  # the next time nothing is looked for
        return found


def late_pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    """What `re.compile` makes, later: for what lies at the head of modules that the window needs to be painted."""
    return cast("re.Pattern[str]", LatePattern(source, flags))
