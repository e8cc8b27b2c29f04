"""Finds the Hunspell dictionaries of a system, and chooses those that a user's languages need."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

_CODE = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z0-9_-]{1,30})?")
"""Name of a dictionary, such as de, de_DE or sr-Latn. Hyphenation patterns are named hyph_de_DE."""


class SpellingDictionary(Struct, frozen=True):
    """A pair of files, `code`.aff and `code`.dic, in a folder."""

    code: str
    folder: Path

    @property
    def language(self) -> str:
        """The language without the country."""
        return _parts(self.code)[0]


def dictionary_folders(
    bundled: Path, own: Path, environ: Mapping[str, str], platform: str = sys.platform
) -> tuple[Path, ...]:
    """Return the folders with dictionaries: the user's own first, the bundled one last."""
    found = [own]
    home = Path(environ.get("HOME") or Path.home())
    if platform == "darwin":
        found += [home / "Library/Spelling", Path("/Library/Spelling")]
    elif platform != "win32":
        data = [environ.get("XDG_DATA_HOME") or f"{home}/.local/share"]
        data += [each for each in environ.get("XDG_DATA_DIRS", "").split(":") if each]
        data += ["/usr/local/share", "/usr/share"]
        found += [Path(each) / name for each in data for name in ("hunspell", "myspell/dicts", "myspell")]
    return tuple(dict.fromkeys((*found, bundled)))


def find_dictionaries(folders: Iterable[Path]) -> dict[str, SpellingDictionary]:
    """Return the dictionaries in some folders by code. The first one with a code counts.

    Many systems link one dictionary under the codes of several countries; it is returned once, under its own name.
    """
    found: dict[str, SpellingDictionary] = {}
    for folder in folders:
        names: set[str] = set()
        with suppress(OSError):
            names = set(os.listdir(folder))  # noqa: PTH208 - names are enough
        for name in sorted(names):
            code = name.removesuffix(".dic")
            if code != name and f"{code}.aff" in names and _CODE.fullmatch(code) and not _is_alias(folder / name):
                found.setdefault(code, SpellingDictionary(code, folder))
    return found


def choose_dictionaries(
    found: Mapping[str, SpellingDictionary], wanted: str, preferred: Sequence[str]
) -> tuple[SpellingDictionary, ...]:
    """Return the dictionaries to check with.

    Args:
        found: All dictionaries by code.
        wanted: Codes separated by commas, as in the setting; empty for the preferred languages and English.
        preferred: Languages of the system and the interface, such as de-DE, the most important one first.
    """
    languages = [each for each in re.split(r"[\s,;]+", wanted) if each] or [*preferred, *_english(preferred)]
    chosen = dict.fromkeys(code for each in languages if (code := _closest(found, each)))
    return tuple(found[code] for code in chosen)


def _english(preferred: Sequence[str]) -> tuple[str, ...]:
    return () if any(_parts(each)[0] == "en" for each in preferred) else ("en_US",)


def _closest(found: Mapping[str, SpellingDictionary], language: str) -> str:
    """Return the code of a language's dictionary: of its country, of no country, or of the first other one."""
    parts = _parts(language)
    same = [code for code in sorted(found) if _parts(code)[0] == parts[0]]
    exact = [code for code in same if _parts(code) == parts]
    national = [code for code in same if parts[-1] in _parts(code)[1:]]
    return next(iter((*exact, *national, *(code for code in same if len(_parts(code)) == 1), *same)), "")


def _parts(code: str) -> list[str]:
    return code.replace("-", "_").lower().split("_")


def _is_alias(path: Path) -> bool:
    return path.is_symlink() and path.resolve().parent == path.parent.resolve()
