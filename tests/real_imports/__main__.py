"""Makes logs with the real `llm` command and imports them: tried, right, wrong. It needs a package registry.

    .venv/bin/python -m tests.real_imports [--keep FOLDER]

Each version goes into an environment of its own, thrown away in the end. With --keep the databases are written there
as SQL, as tests/data/llm has them for the tests, which reach nothing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from tests.real_imports.expected import DATABASES, conversations, wrong

SESSION = Path(__file__).with_name("llm_session.py")
# 0.28 takes httpx from openai, which no longer brings it.
PACKAGES = {"0.28": ("llm==0.28", "openai<2", "httpx"), "0.36": ("llm==0.36",)}


def environment(folder: Path, version: str) -> Path:
    """The Python of a new environment that has this version of llm."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    install = (str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES[version])
    subprocess.run(install, check=True, timeout=600)
    return python


def session(python: Path, folder: Path, part: str) -> None:
    """Run one part of the session, with the log in this folder."""
    folder.mkdir(exist_ok=True)
    surroundings = {**os.environ, "LLM_USER_PATH": str(folder)}
    subprocess.run((str(python), str(SESSION), part), check=True, timeout=120, env=surroundings)


def as_sql(database: Path, folder: Path) -> str:
    """A database as statements, without full-text search, which iterdump cannot write, and without this folder."""
    connection = sqlite3.connect(database)
    try:
        lines = list(connection.iterdump())
    finally:
        connection.close()
    hidden = ("_fts", "writable_schema", "CREATE VIEW", "CREATE TRIGGER")
    kept = (line for line in lines if not any(word in line for word in hidden))
    return "".join(f"{line}\n" for line in kept).replace(str(folder), "/home/me")


def main() -> int:
    """Make them, import them, and say what came of it."""
    parser = argparse.ArgumentParser(description="Imports logs made by the real llm command.")
    parser.add_argument("--keep", type=Path, help="a folder to write the databases to, as SQL")
    keep: Path | None = parser.parse_args().keep
    tried = right = 0
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        pythons = {version: environment(folder / f"python-{version}", version) for version in PACKAGES}
        for version, python in pythons.items():
            session(python, folder / version, "before")
        shutil.copytree(folder / "0.28", folder / "upgraded")
        session(pythons["0.36"], folder / "upgraded", "after")
        for name, (expected, _) in DATABASES.items():
            database = folder / name / "logs.db"
            faults = wrong(name, conversations(database))
            tried += len(expected)
            right += len(expected) - len({each.split(":")[0] for each in faults})
            for each in faults:
                print(f"{name}: {each}")
            if keep is not None:
                (keep / f"{name}.sql").write_text(as_sql(database, folder), "utf-8")
    print(f"conversations of llm: {tried} tried, {right} right, {tried - right} wrong")
    return int(right < tried)


if __name__ == "__main__":
    sys.exit(main())
