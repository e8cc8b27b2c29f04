"""Which files of a zip or a folder are looked at: exports of all programs, but for what is only a part of another."""

from __future__ import annotations

import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from desktop.transfer import chatbox_backup, cherry_backup, jan_folder
from desktop.transfer.chatbox_backup import ChatboxBackup
from desktop.transfer.jan_folder import JanFolder
from desktop.transfer.page_names import ENDINGS, may_be_page
from desktop.transfer.zip_places import ZipPlace

_JSON = (".json", ".jsonl")
_ACCOUNT = frozenset(
    ("user.json", "users.json", "chat.html", "message_feedback.json", "export_manifest.json", "textdocs")
)
"""What stands beside the conversations in what ChatGPT, Claude and DeepSeek hand out of a person's account."""

_ATTACHED = ("file-", "file_")
"""What the names of files begin with that were attached to chats of ChatGPT."""

_DESIGN_CHATS = "design_chats"
"""The folder in Claude's export with a conversation a file."""

_PROMPTS = "google ai studio"
"""The folder in Drive, and so in a Takeout, whose files are prompts, most without an ending."""

_ZIP, _LOG = ".zip", "logs.db"
_DEEPEST = 64
"""Folders within one another that are looked at."""


class ZipChoice(NamedTuple):
    """What may hold conversations: backups of many files, and files that each may be an export."""

    of_many_files: tuple[ChatboxBackup | JanFolder, ...]
    files: list[zipfile.ZipInfo]
    is_named: bool
    """Whether some of the files are called conversations…json, as exports of accounts are."""
    unopened: int
    """Zips and databases, which are no part of the choice."""


def chosen_files(place: ZipPlace, members: Sequence[zipfile.ZipInfo], most: int) -> ZipChoice:
    """What of a zip may hold conversations; of chats beside named files, no more than make `most` with these.

    In a folder with an export of an account or a backup, all else is a part of it. Names are looked at and never used
    as paths.
    """
    plain = [each for each in members if not each.is_dir() and _is_shown(each.filename)]
    backup = None if place.inner else chatbox_backup.found_in(place, plain)
    threads = jan_folder.found_in(place, plain)
    own = {*map(id, threads.members)} if threads is not None else set[int]()
    rest = [each for each in plain if id(each) not in own]
    within = cherry_backup.attached(plain) | ({backup.folder} if backup is not None else set[str]())
    rest = [each for each in rest if not _is_below(each, within)]
    named = [each for each in rest if _is_named(each)]
    accounts = _accounts(named, rest, inner=bool(place.inner))
    others = [each for each in rest if not _is_named(each)]
    free = [each for each in others if not _is_below(each, accounts)]
    top = place.path.name if place.path.is_dir() else ""
    files = [*named, *(each for each in free if _may_be_export(top, each))]
    designed = (each for each in others if _is_design_chat(each) and _is_below(each, accounts))
    files += [*designed][: max(most - len(named), 0)]
    unopened = sum(each.filename.lower().endswith(_ZIP) or _name(each) == _LOG for each in free)
    return ZipChoice(tuple(filter(None, (backup, threads))), files, bool(named), unopened)


def _accounts(named: Sequence[zipfile.ZipInfo], members: Iterable[zipfile.ZipInfo], *, inner: bool) -> frozenset[str]:
    """The folders that are exports of accounts: by what else stands in them, or as zips within a zip."""
    folders = {_folder(each) for each in named}
    if inner:
        return frozenset(folders)
    beside: defaultdict[str, set[str]] = defaultdict(set)
    for each in members:
        folder = _folder(each)
        beside[folder].add(_name(each))
        above, _, own = folder.rpartition("/")
        beside[above].add(own)
    marked = {
        folder
        for folder, names in beside.items()
        if not _ACCOUNT.isdisjoint(names) or any(name.startswith(_ATTACHED) for name in names)
    }
    return frozenset(above for folder in folders for above in _ways(folder) if above in marked)


def _ways(folder: str) -> Iterator[str]:
    """The folder itself, those that it is in, and the whole."""
    at = len(folder)
    for _ in range(_DEEPEST):
        yield folder[: max(at, 0)]
        if at <= 0:
            break
        at = folder.rfind("/", 0, at)


def _is_below(member: zipfile.ZipInfo, folders: Collection[str]) -> bool:
    """Whether a file lies in one of some folders, or in a folder within."""
    return bool(folders) and any(above in folders for above in _ways(_folder(member)))


def _may_be_export(top: str, member: zipfile.ZipInfo) -> bool:
    name = member.filename.lower()
    if _PROMPTS in f"{top.lower()}/{name}":
        path = PurePosixPath(top.lower(), name)
        if path.parent.name == _PROMPTS and not path.suffix[1:].isalnum():  # a title may have a dot in it
            return True
    return name.endswith(_JSON) or (name.endswith(ENDINGS) and may_be_page(PurePosixPath(top, member.filename)))


def _is_design_chat(member: zipfile.ZipInfo) -> bool:
    return member.filename.lower().endswith(".json") and PurePosixPath(member.filename).parent.name == _DESIGN_CHATS


def _is_named(member: zipfile.ZipInfo) -> bool:
    name = _name(member)
    return name.startswith("conversations") and name.endswith(".json")


def _is_shown(name: str) -> bool:
    """Whether a file is not hidden, and none of the folders that it is in."""
    parts = name.replace("\\", "/").split("/")
    return parts[0] != "__MACOSX" and not any(part.startswith(".") and part not in (".", "..") for part in parts)


def _name(member: zipfile.ZipInfo) -> str:
    return member.filename.rpartition("/")[2].lower()


def _folder(member: zipfile.ZipInfo) -> str:
    return member.filename.rpartition("/")[0]
