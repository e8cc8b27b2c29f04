"""Regular expressions compiled at first use, because compiling all of them takes 5% of the startup time."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, cast


class LatePattern:
    """Stand-in for a regular expression, which is compiled when one of its attributes is first accessed."""

    def __init__(self, source: str, flags: int) -> None:
        self._source = source
        self._flags = flags

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The compiled pattern, cached."""
        return re.compile(self._source, self._flags)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a pattern has
        attribute = getattr(self.compiled, name)
        self.__dict__[name] = attribute  # so that __getattr__ is not called again
        return attribute


def late_pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    """Return a pattern like `re.compile`, but compiled at first use; for modules imported before the first paint."""
    return cast("re.Pattern[str]", LatePattern(source, flags))
