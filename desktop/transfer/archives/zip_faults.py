"""The errors that a broken zip ends in."""

from __future__ import annotations

import zipfile
import zlib


class TooManyMembers(zipfile.BadZipFile):
    """A zip with more files than are read of one."""


BAD_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What Python's zipfile raises for one that is damaged, encrypted or packed in a way it does not know."""
