"""Puts files in the place of others, all or none: what was killed meanwhile, the next start ends or undoes.

New files are made in a folder of their own, laid out as the data folder is. Once all of them are whole, a mark is put
there. Before it, the next start throws them away; after it, the next start goes on exchanging where it was left.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from desktop.store.sqlite import backups, database_files
from desktop.system.paths import is_file
from desktop.system.plain_files import read_plain
from desktop.system.private_files import private_folder

_FOLDER, _LEAVING, _READY = "exchange", "leaving", "ready"

ATTACHED = "attachments.files"
"""The database of attached files. Other ones end in `.db`, and are looked at as copies of the conversations."""

Step = Callable[[str], None]
"""Is told each step once it is done."""


def place(folder: Path) -> Path:
    """Where new files are made for a data folder."""
    return folder / _FOLDER


def entries(folder: Path) -> list[Path]:
    """Return everything in a folder that has a database's name."""
    return sorted(each for each in folder.glob("*.db") if not each.name.startswith("."))


def databases(folder: Path) -> list[Path]:
    """The databases in a folder and in its backups."""
    return sorted(each for below in (folder, folder / backups.FOLDER) for each in entries(below) if is_file(each))


def _drafts(new: Path) -> list[Path]:
    """The new files: databases, and that of attached files, whose name is another."""
    return [*databases(new), *filter(is_file, (new / ATTACHED, new / backups.FOLDER / ATTACHED))]


def remove(folder: Path, path: Path) -> None:
    """Have a database of a data folder go with those that are exchanged: a file without a byte stands for none."""
    database_files.private_file(place(folder) / path.relative_to(folder))


def commit(folder: Path, *, keep: str = "", step: Step = lambda _: None) -> None:
    """Put the new files in their places. What they replace is kept in the folder named `keep`, or overwritten.

    Nobody may have them open. Raises OSError: where nothing was exchanged yet, `settle` then throws the new files away;
    else it has to end what was begun before anybody writes to the old ones, which would be lost with them.
    """
    new = place(folder)
    drafts = _drafts(new)
    for draft in drafts:  # room that is lacking is lacking before the mark is there
        private_folder(_leaving(new, draft))
    for each in (new, new / backups.FOLDER):
        if each.is_dir():
            database_files.sync_folder(each)
    mark = new / f".{_READY}"
    database_files.private_file(mark)
    mark.write_text(keep, encoding="utf-8")
    database_files.sync_file(mark)
    mark.replace(new / _READY)
    try:
        database_files.sync_folder(new)
        step("ready")
        settle(folder, step)
    except BaseException:
        if _drafts(new) == drafts and not any(each.is_file() for each in (new / _LEAVING).rglob("*")):
            (new / _READY).unlink()
        raise


def awaits(path: Path) -> bool:
    """Whether a new file is to be put in the place of a database: what is written to the old one would be lost."""
    new = place(path.parent)
    return (new / _READY).exists() and (new / path.name).exists()


def settle(folder: Path, step: Step = lambda _: None) -> None:
    """End what `commit` had begun, or undo what did not come so far. Raises OSError."""
    new = place(folder)
    if new.is_symlink():
        new.unlink()
        return
    if not new.is_dir():
        return
    if (new / _READY).exists():
        for draft in _drafts(new):
            name = draft.relative_to(new)
            _exchange(draft, folder / name, _leaving(new, draft))
            step(f"exchanged {name}")
        keep = read_plain(new / _READY).decode("utf-8", "replace")
        if keep and (new / _LEAVING).exists():
            (new / _LEAVING).replace(_kept(folder, keep))
            step("kept")
        for each in (folder, folder / backups.FOLDER):
            if each.is_dir():
                database_files.sync_folder(each)
    _clear(new, step)


def _kept(folder: Path, name: str) -> Path:
    """The folder that a mark names; a new one where it is damaged, or another's: only `replaced-…` is ever ours."""
    if re.fullmatch(rf"{database_files.REPLACED}-[0-9-]+", name) and not (folder / name).exists():
        return folder / name
    return database_files.free_name(folder, database_files.REPLACED, datetime.now(UTC))


def _leaving(new: Path, draft: Path) -> Path:
    """Where what a new file replaces goes to."""
    return new / _LEAVING / draft.relative_to(new).parent


def _exchange(draft: Path, target: Path, leaving: Path) -> None:
    """Put a new file in its place; broken off in between, it is done again from where it was."""
    private_folder(leaving)
    for side in database_files.SIDES:
        old = target.with_name(target.name + side)
        if old.exists():
            old.replace(leaving / old.name)
    private_folder(target.parent)
    if draft.stat().st_size:
        draft.replace(target)
    else:
        draft.unlink()


def _clear(new: Path, step: Step) -> None:
    """Overwrite what is left, since it may be plain text; the mark goes last."""
    for file in (file for file in sorted(new.rglob("*")) if file.is_file() and file.name != _READY):
        database_files.wipe(file)
        step(f"wiped {file.name}")
    (new / _READY).unlink(missing_ok=True)
    shutil.rmtree(new)
    database_files.sync_folder(new.parent)
    step("done")
