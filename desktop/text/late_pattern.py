"""Regular expressions that are compiled at their first use: compiling all takes a twentieth of the start."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, cast


class LatePattern:
    """Stand-in for a pattern, which it compiles when an attribute is first needed."""

    def __init__(self, source: str, flags: int) -> None:
        self._source = source
        self._flags = flags

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """Compiled pattern, cached."""
        return re.compile(self._source, self._flags)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a pattern has
        attribute = getattr(self.compiled, name)
        self.__dict__[name] = attribute  # so that __getattr__ is not called again
        return attribute


def late_pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    """Return a pattern like `re.compile`, compiled at its first use; for modules that the first paint imports."""
    return cast("re.Pattern[str]", LatePattern(source, flags))
