"""Exports in a ZIP or folder, with limits. Nothing is extracted to disk, and only one file is in memory at a time."""

from __future__ import annotations

import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from msgspec import structs

from desktop.errors import TransferError
from desktop.text.phrases import phrase
from desktop.transfer.archives.loose_json import Unreadable
from desktop.transfer.archives.zip_archive import BAD_ZIP, Archive, Limits, TooManyMembers, ZipFiles, ZipPlace
from desktop.transfer.format_detection import detect
from desktop.transfer.formats import chatbox, chatgpt, cherry_studio, jan
from desktop.transfer.formats.chatbox import ChatboxBackup
from desktop.transfer.formats.jan import JanFolder
from desktop.transfer.formats.markdown_pages import ENDINGS, is_markdown, may_be_page
from desktop.transfer.source import KNOWN, Source, together, too_large, with_notices

_JSON = (".json", ".jsonl")
_ACCOUNT = frozenset(
    ("user.json", "users.json", "chat.html", "message_feedback.json", "export_manifest.json", "textdocs")
)
"""Files next to the conversations in account exports of ChatGPT, Claude and DeepSeek."""

_ATTACHED = ("file-", "file_")
"""Prefixes of the names of ChatGPT's attachments."""

_DESIGN_CHATS = "design_chats"
"""Folder in Claude's export that contains one file per conversation."""

_PROMPTS = "google ai studio"
"""Folder in Google Drive, and therefore in Google Takeout, whose files are prompts, most without an extension."""

_ZIP, _LOG = ".zip", "logs.db"
_DEEPEST = 64
"""Maximum nesting of folders that are searched."""


class ZipChoice(NamedTuple):
    """Candidates in an archive: backups that consist of many files, and files that may each be an export."""

    of_many_files: tuple[ChatboxBackup | JanFolder, ...]
    files: list[zipfile.ZipInfo]
    is_named: bool
    """Whether some files are named conversations….json, as in account exports."""
    unopened: int
    """Number of inner ZIPs and databases that are not imported."""


def chosen_files(zip_place: ZipPlace, members: Sequence[zipfile.ZipInfo], most: int) -> ZipChoice:
    """Return the members of an archive that may contain conversations, with at most `most` design chats.

    In the folder of an account export or a backup, other files belong to that and are ignored. Names are compared but
    never used as paths.
    """
    plain = [member for member in members if not member.is_dir() and _is_shown(member.filename)]
    backup = None if zip_place.inner else chatbox.found_in(zip_place, plain)
    threads = jan.found_in(zip_place, plain)
    own = {*map(id, threads.members)} if threads is not None else set[int]()
    rest = [member for member in plain if id(member) not in own]
    within = cherry_studio.attached(plain) | ({backup.folder} if backup is not None else set[str]())
    rest = [member for member in rest if not _is_below(member, within)]
    named = [member for member in rest if _is_named(member)]
    accounts = _accounts(named, rest, inner=bool(zip_place.inner))
    others = [member for member in rest if not _is_named(member)]
    free = [member for member in others if not _is_below(member, accounts)]
    top = zip_place.path.name if zip_place.path.is_dir() else ""
    files = [*named, *(member for member in free if _may_be_export(top, member))]
    designed = (member for member in others if _is_design_chat(member) and _is_below(member, accounts))
    files += [*designed][: max(most - len(named), 0)]
    unopened = sum(member.filename.lower().endswith(_ZIP) or _name(member) == _LOG for member in free)
    return ZipChoice(tuple(filter(None, (backup, threads))), files, bool(named), unopened)


def _accounts(named: Sequence[zipfile.ZipInfo], members: Iterable[zipfile.ZipInfo], *, inner: bool) -> frozenset[str]:
    """Return the folders with account exports, recognized by other files in them; in an inner ZIP, all folders."""
    folders = {_folder(member) for member in named}
    if inner:
        return frozenset(folders)
    beside: defaultdict[str, set[str]] = defaultdict(set)
    for member in members:
        folder = _folder(member)
        beside[folder].add(_name(member))
        above, _, own = folder.rpartition("/")
        beside[above].add(own)
    marked = {
        folder
        for folder, names in beside.items()
        if not _ACCOUNT.isdisjoint(names) or any(name.startswith(_ATTACHED) for name in names)
    }
    return frozenset(above for folder in folders for above in _ways(folder) if above in marked)


def _ways(folder: str) -> Iterator[str]:
    """Yield a folder and its ancestors up to the root."""
    at = len(folder)
    for _ in range(_DEEPEST):
        yield folder[: max(at, 0)]
        if at <= 0:
            break
        at = folder.rfind("/", 0, at)


def _is_below(member: zipfile.ZipInfo, folders: Collection[str]) -> bool:
    """Whether a file is in one of these folders or in their subfolders."""
    return bool(folders) and any(above in folders for above in _ways(_folder(member)))


def _may_be_export(top: str, member: zipfile.ZipInfo) -> bool:
    name = member.filename.lower()
    if _PROMPTS in f"{top.lower()}/{name}":
        path = PurePosixPath(top.lower(), name)
        if path.parent.name == _PROMPTS and not path.suffix[1:].isalnum():  # a title may contain a dot
            return True
    return name.endswith(_JSON) or (name.endswith(ENDINGS) and may_be_page(PurePosixPath(top, member.filename)))


def _is_design_chat(member: zipfile.ZipInfo) -> bool:
    return member.filename.lower().endswith(".json") and PurePosixPath(member.filename).parent.name == _DESIGN_CHATS


def _is_named(member: zipfile.ZipInfo) -> bool:
    name = _name(member)
    return name.startswith("conversations") and name.endswith(".json")


def _is_shown(name: str) -> bool:
    """Whether neither the file nor any of its folders is hidden."""
    parts = name.replace("\\", "/").split("/")
    return parts[0] != "__MACOSX" and not any(part.startswith(".") and part not in (".", "..") for part in parts)


def _name(member: zipfile.ZipInfo) -> str:
    return member.filename.rpartition("/")[2].lower()


def _folder(member: zipfile.ZipInfo) -> str:
    return member.filename.rpartition("/")[0]


_MOST_FILES_OF_ONE = 2
"""Maximum files per conversation in a backup that consists of many files."""


def open_zip(path: Path, limits: Limits) -> Sequence[Source]:
    """Return the exports in a ZIP or folder. Raises TransferError, and OSError if it cannot be read."""
    sources = _exports(ZipPlace(path), limits, _Room(limits.members))
    if sum(each.count + each.comparisons for each in sources) > limits.items:
        raise TransferError(
            phrase("{name} contains more than {most} conversations.", name=path.name, most=f"{limits.items:,}"),
            hint=phrase("Export fewer conversations at once."),
        )
    return sources


@dataclass
class _Room:
    """Number of files that may still be listed, in a ZIP and all ZIPs within it, because each list stays in memory."""

    left: int

    def take(self, count: int) -> None:
        if count > self.left:
            raise TooManyMembers
        self.left -= count


def _exports(zip_place: ZipPlace, limits: Limits, room: _Room) -> Sequence[Source]:
    """Return the exports in a ZIP, or in its inner ZIPs of conversations. Raises the same errors as `open_zip`."""
    name = zip_place.name
    try:
        with zip_place.opened(room.left) as archive:
            members = archive.infolist()
            room.take(len(members))
            choice = chosen_files(zip_place, members, limits.exports)
            inner = [] if choice.is_named or choice.of_many_files else zip_place.within(members, limits)
            if not inner:
                return _known(archive, zip_place, members, choice, limits)
    except TooManyMembers as error:
        raise TransferError(
            phrase("{name} contains more than {most} files.", name=name, most=f"{limits.members:,}")
        ) from error
    except BAD_ZIP as error:
        raise TransferError(phrase("{name} is not a readable zip archive: {error}.", name=name, error=error)) from error
    return _all_of(inner, limits, room)


def _all_of(inner: Sequence[ZipPlace], limits: Limits, room: _Room) -> Sequence[Source]:
    """Return the exports in several ZIPs. Errors are raised only if none of them could be read, as by `open_zip`."""
    sources: list[Source] = []
    wrong: list[TransferError] = []
    for inner_place in inner:
        try:
            sources += _exports(inner_place, limits, room)
        except TransferError as error:
            wrong.append(error)
    if not sources:
        raise wrong[0]
    if not wrong:
        return sources
    said = together((sources[0].notice, *(inner_place.message for inner_place in wrong)))
    return [structs.replace(sources[0], notice=said), *sources[1:]]


def _known(
    archive: Archive, zip_place: ZipPlace, members: Sequence[zipfile.ZipInfo], choice: ZipChoice, limits: Limits
) -> Sequence[Source]:
    """Return the exports among the candidates. Raises TransferError if there are none."""
    if cherry_studio.is_database(members):
        raise TransferError(
            phrase("{name} contains Cherry Studio's live database.", name=zip_place.name),
            hint=phrase("Choose a backup that contains a data.json file, as created by older versions."),
        )
    _check_sizes(zip_place.name, choice.files, limits, limits.exports)
    sources = [*_of_many_files(zip_place, choice, limits)]
    files = ZipFiles(zip_place, members, limits)
    alone = len(choice.files) == 1 and not sources
    wrong: list[TransferError] = []
    for member in choice.files:
        try:
            sources.append(_first_look(archive, member, zip_place, files, alone=alone))
        except TransferError as error:
            wrong.append(error)
    if not sources:
        raise wrong[0] if alone or (wrong and choice.is_named) else _nothing(zip_place)
    if len(sources) > 1:
        sources = [each if each.archive else structs.replace(each, archive=zip_place.path.name) for each in sources]
    sources = with_notices(sources, together(_passed_over(len(wrong), choice.unopened)))
    beside = sum("textdocs" in each.filename.split("/")[:-1] for each in members if not each.is_dir())
    return _with_notice(sources, beside)


def _of_many_files(place: ZipPlace, choice: ZipChoice, limits: Limits) -> Iterator[Source]:
    """Yield the backups that consist of several files per conversation. Raises TransferError if one is too large."""
    alone = not choice.files and len(choice.of_many_files) == 1
    for backup in choice.of_many_files:
        _check_sizes(place.name, backup.members, limits, _MOST_FILES_OF_ONE * limits.items)
        source = backup.source()
        yield source if alone else structs.replace(source, name=f"{place.name}: {source.format.name}")


def _passed_over(wrong: int, unopened: int) -> Iterator[str]:
    """Yield sentences about files without conversations, and about archives that were not opened."""
    if wrong:
        yield phrase("Files without conversations are left out ({count}).", count=f"{wrong:,}")
    if unopened:
        yield phrase(
            "Zip archives and databases inside the archive are left out ({count}): import each of them separately.",
            count=f"{unopened:,}",
        )


def _nothing(place: ZipPlace) -> TransferError:
    return TransferError(
        phrase("{name} contains no conversation files.", name=place.name),
        hint=phrase("Choose an export from {programs}.", programs=KNOWN),
    )


def _with_notice(sources: Sequence[Source], beside: int) -> Sequence[Source]:
    """Add a notice about canvas documents to the first export of ChatGPT."""
    first = next((place for place, each in enumerate(sources) if each.format is chatgpt.FORMAT), None)
    if first is None or not beside:
        return sources
    notice = phrase("Canvas documents are left out ({count}).", count=f"{beside:,}")
    said = together((sources[first].notice, notice))
    return [structs.replace(each, notice=said) if place == first else each for place, each in enumerate(sources)]


def _check_sizes(name: str, chosen: Sequence[zipfile.ZipInfo], limits: Limits, most: int) -> None:
    if len(chosen) > most:
        raise TransferError(phrase("{name} contains more than {most} files to import.", name=name, most=f"{most:,}"))
    unpacked, packed = sum(member.file_size for member in chosen), sum(member.compress_size for member in chosen)
    if unpacked > limits.size:
        raise too_large(name, limits)
    sizes = [(unpacked, packed), *((member.file_size, member.compress_size) for member in chosen)]
    if any(size > limits.free_size and size > limits.ratio * max(small, 1) for size, small in sizes):
        raise TransferError(
            phrase("{name} is compressed so heavily that it looks malicious. It was not unpacked.", name=name)
        )
    for member in chosen:
        if member.flag_bits & 1:
            raise TransferError(
                phrase("{name} is encrypted.", name=name), hint=phrase("Unpack it yourself, then import the contents.")
            )


def _first_look(
    archive: Archive, member: zipfile.ZipInfo, zip_place: ZipPlace, files: ZipFiles, *, alone: bool
) -> Source:
    """Return the export in a member. It is released until it is read, so that only one export is in memory.

    Raises TransferError.
    """
    inside = member.filename if zip_place.path.is_dir() else PurePosixPath(member.filename).name
    name = zip_place.name if alone and not is_markdown(inside) else f"{zip_place.name}: {inside}"
    try:
        source = detect(name, _unpacked(archive, member), PurePosixPath(member.filename).name)
    except OSError as error:
        raise TransferError(
            phrase("{path} could not be read: {reason}.", path=name, reason=error.strerror or error)
        ) from error
    unpacked = _Member(zip_place, member, name, files)
    return Source(
        name=name,
        format=source.format,
        count=source.count,
        read=lambda zip_place: unpacked.source().read(zip_place),
        notice=source.notice,
        comparisons=source.comparisons,
        comparison=lambda zip_place: unpacked.source().comparison(zip_place),
        votes=source.votes,
        vote=lambda zip_place: unpacked.source().vote(zip_place),
        rest=unpacked.rest,
        close=unpacked.let_go,
        archive="" if alone and not zip_place.inner else zip_place.path.name,
        carried=lambda: unpacked.source().carried(),
        beside=files,
    )


@dataclass
class _Member:
    """An export in a ZIP, decompressed on demand and released by `rest`."""

    place: ZipPlace
    member: zipfile.ZipInfo
    name: str
    files: ZipFiles
    _held: Source | None = None

    def source(self) -> Source:
        """Return the decompressed export. Raises Unreadable if the ZIP has changed meanwhile."""
        if self._held is None:
            try:
                data = self.files.unpacked(self.member)
                self._held = detect(self.name, data, PurePosixPath(self.member.filename).name)
            except (OSError, TransferError, *BAD_ZIP) as error:
                raise Unreadable(phrase("{name} was changed during the import.", name=self.place.path.name)) from error
        return self._held

    def rest(self) -> None:
        """Release the decompressed export."""
        self._held = None

    def let_go(self) -> None:
        """Release the export and close the ZIP."""
        self.rest()
        self.files.close()


def _unpacked(archive: Archive, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as file:
        return file.read(member.file_size + 1)
