"""Reads the text of suite files within size limits."""

from __future__ import annotations

import codecs
import os
from pathlib import Path

from desktop.evals.suites.suite_problems import Place, SuiteProblems
from desktop.system.plain_files import open_plain
from desktop.text.phrases import phrase

MOST_BYTES = 16 << 20
"""Maximum size of a suite file."""
MOST_CASES_BYTES = 64 << 20
"""Maximum size of a case file."""

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def text_of_file(path: Path, problems: SuiteProblems, most: int = MOST_BYTES) -> str | None:
    """Return the text of a file; report a problem and return None if it cannot be read.

    The encoding is UTF-8 unless there is a byte order mark.
    """
    try:
        with open_plain(path) as file:
            if os.fstat(file.fileno()).st_size > most:
                problems.add(Place(path.name), phrase("The file is larger than {most} MB.", most=most >> 20))
                return None
            data = file.read(most + 1)
    except OSError as error:
        problems.add(
            Place(str(path)), phrase("The file could not be read: {reason}.", reason=error.strerror or str(error))
        )
        return None
    except ValueError:  # a NUL in its name
        problems.add(Place(path.name), phrase("This file does not exist."))
        return None
    return decoded(data, path.name, problems)


def decoded(data: bytes, file: str, problems: SuiteProblems) -> str | None:
    """Decode bytes, or report a problem and return None."""
    mark, encoding = next((each for each in _MARKS if data.startswith(each[0])), (b"", "utf-8"))
    try:
        return data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, len(mark) + error.start) + 1
        problems.add(Place(file, line), phrase("This file is not encoded in UTF-8. Save it as UTF-8."))
        return None
