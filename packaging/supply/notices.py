"""Third-party notices of a build: license texts, authors, and where to find the sources.

python packaging/supply/notices.py PYTHON FROZEN
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from parts import HERE, ROOT, Part, alike, locked, parts

LOCKS = ROOT / "packaging" / "locks"
NAME = "NOTICES.txt"

_HEAD = """\
Paragone
========

Paragone is free software under the Apache License 2.0. It is built from the work of others, each under a licence of its
own; their notices and texts follow.

Sources. The source of Paragone and the list of the exact releases it was built from are at https://paragone.app/source.
For three years from the day you received it, whoever gave you this program gives you on request the complete
corresponding source of the parts under the GNU Lesser General Public License (Qt, PySide6, Shiboken, libheif,
libde265), for no more than the cost of sending it: packages@paragone.app. Their libraries are files of their own and
may be replaced.
"""

_OWN = ("resources/*", "paragone*", "base_library.zip")
"""Files of Paragone itself, and of parts below them that have sections of their own."""

_NO_TEXT = frozenset({"LicenseRef-Microsoft-Redistributable"})
"""Terms whose text Microsoft publishes with its compiler."""

_IDENTIFIER = re.compile(r"[A-Za-z0-9.-]+")

_TEXTS = (
    "from importlib.metadata import distributions\nimport json\nfound = []\n"
    "for each in distributions():\n"
    "    every = [str(file).replace(chr(92), '/') for file in each.files or ()]\n"
    "    named = [file for file in each.files or () if '.dist-info/' in str(file) and ('licenses' in file.parts"
    " or any(word in file.name.lower() for word in ('licen', 'copying', 'notice', 'authors')))]\n"
    "    paths = [file.locate() for file in sorted(named, key=str)]\n"
    "    texts = [path.read_text(encoding='utf-8', errors='replace').strip() for path in paths]\n"
    "    facts = each.metadata\n"
    "    licence = facts.get('License-Expression') or facts.get('License') or ''\n"
    "    found.append([facts['Name'], each.version, licence.splitlines()[0] if licence else '', texts, every])\n"
    "print(json.dumps(sorted(found)))"
)


class Package(NamedTuple):
    """An installed package: its licence as declared, the texts that it contains, and its files."""

    name: str
    version: str
    licence: str
    texts: list[str]
    files: list[str]


def main(python: Path, frozen: Path) -> int:
    """Write the notices into the folder. Returns 1 if a file or a part has no licence text.

    On Windows and macOS, where this was never tried, missing texts are only printed.
    """
    packages, every = installed(python), parts(python, frozen)
    text = "\n".join([_HEAD, *map(_of_part, every), *map(_of_package, packages), *_licences()])
    (frozen / NAME).write_text(text, encoding="utf-8", newline="\n")
    problems = without_text(frozen, every, packages)
    for problem in problems:
        print(f"no licence text: {problem}", file=sys.stderr)
    return 1 if problems and sys.platform == "linux" else 0


def without_text(frozen: Path, every: Sequence[Part], packages: Sequence[Package]) -> list[str]:
    """Return the parts and files for which the notices contain no licence text."""
    known = licence_texts()
    found = [part.name for part in every if part.licence not in known and part.licence not in _NO_TEXT]
    with_text = [each for each in packages if each.texts or set(_IDENTIFIER.findall(each.licence)) & known.keys()]
    found += [each.name for each in packages if each not in with_text]
    named = {file for each in with_text for file in each.files}
    patterns = [*_OWN, *(pattern for part in every for pattern in part.files)]
    inner = frozen / "_internal"
    for path in sorted(inner.rglob("*")):
        name = path.relative_to(inner).as_posix()
        is_known = name in named or any(fnmatchcase(name, pattern) for pattern in patterns)
        if not is_known and path.is_file() and not path.is_symlink():
            found.append(name)
    return found


def licence_texts() -> dict[str, Path]:
    """Return the files of the licence texts by SPDX identifier."""
    texts = {path.stem: path for path in sorted((HERE / "licences").glob("*.txt"))}
    texts |= {f"{name}-{which}": texts[name] for name in ("LGPL-3.0", "GPL-3.0") for which in ("only", "or-later")}
    dictionary = ROOT / "resources" / "dictionaries" / "LICENSE.txt"
    return {**texts, "Apache-2.0": ROOT / "LICENSE", "LicenseRef-SCOWL": dictionary}


def installed(python: Path) -> list[Package]:
    """Return the locked packages that are installed."""
    done = subprocess.run([str(python), "-c", _TEXTS], capture_output=True, text=True, check=True)
    wanted = locked(LOCKS / "runtime.txt")
    return [Package(*each) for each in json.loads(done.stdout) if alike(each[0]) in wanted]


def _of_part(part: Part) -> str:
    return f"{_rule(f'{part.name} {part.version}'.strip())}\nLicence: {part.licence}\n{part.notice}\n"


def _of_package(package: Package) -> str:
    said = "\n\n".join([f"Licence: {package.licence or 'see below'}", *package.texts])
    return f"{_rule(f'{package.name} {package.version}')}\n{said}\n"


def _licences() -> list[str]:
    texts = {path: name for name, path in sorted(licence_texts().items(), reverse=True)}
    by_name = sorted((name.removeprefix("LicenseRef-"), path) for path, name in texts.items())
    return [f"{_rule(name)}\n{path.read_text(encoding='utf-8').strip()}\n" for name, path in by_name]


def _rule(title: str) -> str:
    return f"{title}\n{'-' * len(title)}\n"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
