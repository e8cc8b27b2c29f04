"""Bill of materials of a build in CycloneDX format: packages from cyclonedx-py, plus other components and files.

    python packaging/supply/bom.py PYTHON FROZEN OUT

Contains no dates or random values, so that it is reproducible.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from parts import ROOT, Part, alike, locked, parts

LOCKS = ROOT / "packaging" / "locks"
_UNDECLARED = {
    "apsw-sqlite3mc": "any licence that the Open Source Initiative approved",
    "quickjs-ng": "MIT",
    "pypdfium2": "BSD-3-Clause or Apache-2.0, and those of what PDFium is made of",
}
"""Licenses of packages whose license metadata the tool does not understand."""

_LIBRARY = (".so", ".dll", ".pyd", ".dylib", ".gguf", ".exe", ".com")


def main(python: Path, frozen: Path, out: Path) -> int:
    """Write the bill of materials."""
    bill = packages(python)
    wanted = locked(LOCKS / "runtime.txt")
    kept = [licensed(each) for each in bill["components"] if alike(each["name"]) in wanted]
    found = files(frozen)
    names = {each["bom-ref"] for each in kept} | {"root-component"}
    bill["components"] = [*kept, *(component(part, found) for part in parts(python, frozen)), *found]
    bill["dependencies"] = [
        {**each, "dependsOn": sorted(set(each.get("dependsOn", ())) & names)}
        for each in bill["dependencies"]
        if each["ref"] in names
    ]
    bill["metadata"]["component"] = {**bill["metadata"].get("component", {}), **program(frozen)}
    out.write_text(json.dumps(bill, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return 0


def packages(python: Path) -> dict[str, Any]:
    """Return the bill of the packages in an environment, with their licenses."""
    words = ("-m", "cyclonedx_py", "environment", "--output-reproducible", "--of", "JSON", "-o", "-")
    project = ("--pyproject", str(ROOT / "pyproject.toml"))
    # With this variable, the tool would write a time although it is to write none.
    environ = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    done = subprocess.run([str(python), *words, *project], env=environ, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def licensed(package: dict[str, Any]) -> dict[str, Any]:
    """Return a package with its license, even if the tool found none.

    Raises:
        KeyError: If the license is unknown.
    """
    if package.get("licenses"):
        return package
    return {**package, "licenses": [{"license": {"name": _UNDECLARED[alike(package["name"])]}}]}


def program(frozen: Path) -> dict[str, Any]:
    """Return the component that the bill of materials describes, with its identifiers and the sum of the program."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    started = [path for path in (frozen / "paragone", frozen / "paragone.exe") if path.is_file()]
    return {
        "bom-ref": "root-component",
        "type": "application",
        "name": "Paragone",
        "version": version,
        "purl": f"pkg:generic/paragone@{version}",
        "cpe": f"cpe:2.3:a:paragone:paragone:{version}{':*' * 7}",
        "hashes": [hash_of(path) for path in started],
    }


def component(part: Part, found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return a part that is not a package as a component, with the files among `found` that it consists of or is in."""
    patterns = [f"_internal/{pattern}" for pattern in (*part.files, *part.inside)]
    own = [each for each in found if any(fnmatchcase(each["name"], pattern) for pattern in patterns)]
    identifiers: dict[str, Any] = {name: value for name, value in (("purl", part.purl), ("cpe", part.cpe)) if value}
    if len(own) == 1:
        identifiers["hashes"] = own[0]["hashes"]
    elif own:
        identifiers["components"] = [{**each, "bom-ref": f"part:{part.name}:{each['name']}"} for each in own]
    return {
        **identifiers,
        "bom-ref": f"part:{part.name}",
        "type": part.kind,
        "name": part.name,
        "version": part.version,
        "publisher": part.publisher,
        "licenses": [{"license": {"name" if part.licence.startswith("LicenseRef-") else "id": part.licence}}],
    }


def files(frozen: Path) -> list[dict[str, Any]]:
    """Return all libraries, programs and models in the folder, with their SHA-256."""
    components: list[dict[str, Any]] = []
    for path in sorted(frozen.rglob("*")):
        is_library = path.suffix in _LIBRARY or ".so." in path.name
        if path.is_file() and not path.is_symlink() and is_library:
            name = path.relative_to(frozen).as_posix()
            components.append({"bom-ref": f"file:{name}", "type": "file", "name": name, "hashes": [hash_of(path)]})
    return components


def hash_of(path: Path) -> dict[str, str]:
    """Return the SHA-256 of a file as an entry of a component."""
    return {"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:4])))
