"""Parses suites written in TOML."""

from __future__ import annotations

import re
import tomllib

from desktop.evals.suites.suite_node import DEEPEST, SuiteNode, node_of
from desktop.evals.suites.suite_problems import Place, SuiteProblems, shown
from desktop.text.late_pattern import late_pattern
from desktop.text.phrases import phrase

_AT = late_pattern(r"^(.{0,300}?) \(at (?:line (\d{1,12}), column (\d{1,12})|end of document)\)$", re.DOTALL)


MOST_TOML = 4 << 20
"""Maximum length of a TOML suite, because the parser is slow."""


class _Written(float):
    """A float that remembers how it was written."""

    text = ""

    def __str__(self) -> str:
        return self.text


def read_toml(text: str, file: str, problems: SuiteProblems) -> SuiteNode | None:
    """Parse the text of a file, or report a problem and return None."""
    if len(text) > MOST_TOML:
        problems.add(Place(file), phrase("The file is larger than {most} MB.", most=MOST_TOML >> 20))
        return None
    if (line := _deep_line(text)) is not None:
        problems.add(
            Place(file, line), phrase("Lists and tables are nested more than {most} levels deep.", most=DEEPEST)
        )
        return None
    try:
        return node_of(tomllib.loads(text, parse_float=_written), file)
    except tomllib.TOMLDecodeError as error:
        found = _AT.match(str(error))
        reason, line, column = (found[1], int(found[2] or 0), int(found[3] or 0)) if found else (str(error), 0, 0)
        problems.add(Place(file, line, column), phrase("Invalid TOML: {reason}.", reason=shown(reason)))
    except (ValueError, RecursionError):
        problems.add(Place(file), phrase("Lists and tables are nested more than {most} levels deep.", most=DEEPEST))
    return None


def _deep_line(text: str) -> int | None:
    """Return the number of the first line with a very deep key, since the parser takes quadratic time for those."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.count(".") > DEEPEST and line.partition("=")[0].count(".") > DEEPEST:
            return number
    return None


def is_toml(text: str) -> bool:
    """Whether a text is valid TOML."""
    if len(text) > MOST_TOML or _deep_line(text) is not None:
        return False
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _written(text: str) -> float:
    number = _Written(text)
    number.text = text
    return number
