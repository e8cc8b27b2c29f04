"""Third-party notices of a build: license texts, authors, and where to find the sources.

python packaging/supply/notices.py PYTHON FROZEN
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

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
corresponding source of the parts under the GNU Lesser General Public License (Qt, PySide6, Shiboken), for no more than
the cost of sending it: packages@paragone.app. Qt's libraries lie in files of their own and may be replaced.
"""

_TEXTS = (
    "from importlib.metadata import distributions\nimport json\nfound = []\n"
    "for each in distributions():\n"
    "    named = [file for file in each.files or () if '.dist-info/' in str(file)"
    " and any(word in file.name.lower() for word in ('licen', 'copying', 'notice', 'authors'))]\n"
    "    paths = [file.locate() for file in sorted(named, key=str)]\n"
    "    texts = [path.read_text(encoding='utf-8', errors='replace').strip() for path in paths]\n"
    "    facts = each.metadata\n"
    "    licence = facts.get('License-Expression') or facts.get('License') or ''\n"
    "    found.append([facts['Name'], each.version, licence.splitlines()[0] if licence else '', texts])\n"
    "print(json.dumps(sorted(found)))"
)


def main(python: Path, frozen: Path) -> int:
    """Write the notices into the folder."""
    text = "\n".join([_HEAD, *map(_of_part, parts(python, frozen)), *_packages(python), *_licences()])
    (frozen / NAME).write_text(text, encoding="utf-8", newline="\n")
    return 0


def _of_part(part: Part) -> str:
    return f"{_rule(f'{part.name} {part.version}'.strip())}\nLicence: {part.licence}\n{part.notice}\n"


def _packages(python: Path) -> list[str]:
    """Return a section for each locked package, including its license texts."""
    done = subprocess.run([str(python), "-c", _TEXTS], capture_output=True, text=True, check=True)
    found: list[tuple[str, str, str, list[str]]] = json.loads(done.stdout)
    wanted = locked(LOCKS / "runtime.txt")
    sections: list[str] = []
    for name, version, licence, texts in found:
        if alike(name) in wanted:
            said = "\n\n".join([f"Licence: {licence or 'see below'}", *texts])
            sections.append(f"{_rule(f'{name} {version}')}\n{said}\n")
    return sections


def _licences() -> list[str]:
    texts = {path.stem: path for path in sorted((HERE / "licences").glob("*.txt"))}
    texts |= {"Apache-2.0": ROOT / "LICENSE", "SCOWL": ROOT / "resources" / "dictionaries" / "LICENSE.txt"}
    return [f"{_rule(name)}\n{path.read_text(encoding='utf-8').strip()}\n" for name, path in sorted(texts.items())]


def _rule(title: str) -> str:
    return f"{title}\n{'-' * len(title)}\n"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
