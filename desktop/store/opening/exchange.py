"""Replaces several files atomically: after a crash, the next start completes or undoes the replacement.

New files are created in a folder that mirrors the data folder. Once a marker file is written, they are moved into
place.
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
"""Name of the attachments database, which has another suffix because `.db` files count as copies of the conversations.
"""

Step = Callable[[str], None]
"""Called after each completed step."""


def place(folder: Path) -> Path:
    """Return the folder for new files."""
    return folder / _FOLDER


def entries(folder: Path) -> list[Path]:
    """Return all entries of a folder whose names look like databases."""
    return sorted(each for each in folder.glob("*.db") if not each.name.startswith("."))


def databases(folder: Path) -> list[Path]:
    """Return the databases in a data folder, including its backups."""
    return sorted(each for below in (folder, folder / backups.FOLDER) for each in entries(below) if is_file(each))


def _drafts(new: Path) -> list[Path]:
    """Return the new files, including attachments databases."""
    return [*databases(new), *filter(is_file, (new / ATTACHED, new / backups.FOLDER / ATTACHED))]


def remove(folder: Path, path: Path) -> None:
    """Mark a database for removal by creating an empty replacement."""
    database_files.private_file(place(folder) / path.relative_to(folder))


def commit(folder: Path, *, keep: str = "", step: Step = lambda _: None) -> None:
    """Move the new files into place. Replaced files are moved to the folder `keep`, or overwritten if it is empty.

    No process may have them open.
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
    """Whether a new file is about to replace a database, so that anything written to the old one would be lost."""
    new = place(path.parent)
    return (new / _READY).exists() and (new / path.name).exists()


def settle(folder: Path, step: Step = lambda _: None) -> None:
    """Complete or undo an interrupted `commit`.

    Raises:
        OSError: If a file cannot be moved.
    """
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
    """Return the folder that a marker file names, or a new folder if the marker file is damaged."""
    if re.fullmatch(rf"{database_files.REPLACED}-[0-9-]+", name) and not (folder / name).exists():
        return folder / name
    return database_files.free_name(folder, database_files.REPLACED, datetime.now(UTC))


def _leaving(new: Path, draft: Path) -> Path:
    """Return the temporary folder for replaced files."""
    return new / _LEAVING / draft.relative_to(new).parent


def _exchange(draft: Path, target: Path, leaving: Path) -> None:
    """Move one new file into place; can be repeated after an interruption."""
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
    """Overwrite leftover files, which may be unencrypted, and remove the marker file last."""
    for file in (file for file in sorted(new.rglob("*")) if file.is_file() and file.name != _READY):
        database_files.wipe(file)
        step(f"wiped {file.name}")
    (new / _READY).unlink(missing_ok=True)
    shutil.rmtree(new)
    database_files.sync_folder(new.parent)
    step("done")
