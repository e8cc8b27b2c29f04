"""Exports in a zip or a folder, within bounds: nothing is unpacked to the disk, one file is in memory at a time."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from msgspec import structs

from desktop.errors import TransferError
from desktop.phrases import phrase
from desktop.transfer import cherry_backup
from desktop.transfer.format_detection import detect
from desktop.transfer.import_limits import Limits
from desktop.transfer.import_notices import together
from desktop.transfer.importers import chatgpt
from desktop.transfer.loose_json import Unreadable
from desktop.transfer.page_names import is_markdown
from desktop.transfer.source import KNOWN, Source, too_large, with_notices
from desktop.transfer.zip_choice import ZipChoice, chosen_files
from desktop.transfer.zip_faults import BAD_ZIP, TooManyMembers
from desktop.transfer.zip_files import ZipFiles
from desktop.transfer.zip_places import Archive, ZipPlace

_MOST_FILES_OF_ONE = 2
"""Files that a conversation in a backup of many files has."""


def open_zip(path: Path, limits: Limits) -> Sequence[Source]:
    """The exports in a zip. Raises TransferError, and OSError where it cannot be read."""
    sources = _exports(ZipPlace(path), limits, _Room(limits.members))
    if sum(each.count + each.comparisons for each in sources) > limits.items:
        raise TransferError(
            phrase("{name} contains more than {most} conversations.", name=path.name, most=f"{limits.items:,}"),
            hint=phrase("Export fewer conversations at once."),
        )
    return sources


@dataclass
class _Room:
    """For how many more files there is room, of a zip and of all zips in it: those of each are kept until the end."""

    left: int

    def take(self, count: int) -> None:
        if count > self.left:
            raise TooManyMembers
        self.left -= count


def _exports(place: ZipPlace, limits: Limits, room: _Room) -> Sequence[Source]:
    """The exports in a zip, or where it holds zips of conversations, in those. Raises as `open_zip`."""
    name = place.name
    try:
        with place.opened(room.left) as archive:
            members = archive.infolist()
            room.take(len(members))
            choice = chosen_files(place, members, limits.exports)
            inner = [] if choice.is_named or choice.of_many_files else place.within(members, limits)
            if not inner:
                return _known(archive, place, members, choice, limits)
    except TooManyMembers as error:
        raise TransferError(
            phrase("{name} contains more than {most} files.", name=name, most=f"{limits.members:,}")
        ) from error
    except BAD_ZIP as error:
        raise TransferError(phrase("{name} is not a readable zip archive: {error}.", name=name, error=error)) from error
    return _all_of(inner, limits, room)


def _all_of(inner: Sequence[ZipPlace], limits: Limits, room: _Room) -> Sequence[Source]:
    """The exports of several zips; what is wrong with one keeps the others from nothing. Raises as `open_zip`."""
    found: list[Source] = []
    wrong: list[TransferError] = []
    for each in inner:
        try:
            found += _exports(each, limits, room)
        except TransferError as error:
            wrong.append(error)
    if not found:
        raise wrong[0]
    if not wrong:
        return found
    said = together((found[0].notice, *(each.message for each in wrong)))
    return [structs.replace(found[0], notice=said), *found[1:]]


def _known(
    archive: Archive, place: ZipPlace, members: Sequence[zipfile.ZipInfo], choice: ZipChoice, limits: Limits
) -> Sequence[Source]:
    """The exports among the files of a zip that may be one. Raises TransferError where none is."""
    if cherry_backup.is_database(members):
        raise TransferError(
            phrase("{name} contains Cherry Studio's live database.", name=place.name),
            hint=phrase("Choose a backup that contains data.json, as older versions write it."),
        )
    _check_sizes(place.name, choice.files, limits, limits.exports)
    sources = [*_of_many_files(place, choice, limits)]
    files = ZipFiles(place, members, limits)
    alone = len(choice.files) == 1 and not sources
    wrong: list[TransferError] = []
    for member in choice.files:
        try:
            sources.append(_first_look(archive, member, place, files, alone=alone))
        except TransferError as error:
            wrong.append(error)
    if not sources:
        raise wrong[0] if alone or (wrong and choice.is_named) else _nothing(place)
    if len(sources) > 1:
        sources = [each if each.archive else structs.replace(each, archive=place.path.name) for each in sources]
    sources = with_notices(sources, together(_passed_over(len(wrong), choice.unopened)))
    beside = sum("textdocs" in each.filename.split("/")[:-1] for each in members if not each.is_dir())
    return _with_notice(sources, beside)


def _of_many_files(place: ZipPlace, choice: ZipChoice, limits: Limits) -> Iterator[Source]:
    """The backups in a zip that keep a conversation in files of its own. Raises TransferError for what is too large."""
    alone = not choice.files and len(choice.of_many_files) == 1
    for backup in choice.of_many_files:
        _check_sizes(place.name, backup.members, limits, _MOST_FILES_OF_ONE * limits.items)
        source = backup.source()
        yield source if alone else structs.replace(source, name=f"{place.name}: {source.format.name}")


def _passed_over(wrong: int, unopened: int) -> Iterator[str]:
    """What is said of files that hold no conversation, or were not looked into."""
    if wrong:
        yield phrase("Files without a conversation are left out ({count}).", count=f"{wrong:,}")
    if unopened:
        yield phrase(
            "Zip archives and databases inside the archive are left out: import each of them separately ({count}).",
            count=f"{unopened:,}",
        )


def _nothing(place: ZipPlace) -> TransferError:
    return TransferError(
        phrase("{name} contains no file with a conversation.", name=place.name),
        hint=phrase("Choose an export of {programs}.", programs=KNOWN),
    )


def _with_notice(sources: Sequence[Source], beside: int) -> Sequence[Source]:
    """The exports, the first of ChatGPT's with what is said of so many documents of its canvas."""
    first = next((place for place, each in enumerate(sources) if each.format is chatgpt.FORMAT), None)
    if first is None or not beside:
        return sources
    notice = phrase("Documents beside the chats are left out ({count}).", count=f"{beside:,}")
    said = together((sources[first].notice, notice))
    return [structs.replace(each, notice=said) if place == first else each for place, each in enumerate(sources)]


def _check_sizes(name: str, chosen: Sequence[zipfile.ZipInfo], limits: Limits, most: int) -> None:
    if len(chosen) > most:
        raise TransferError(phrase("{name} contains more than {most} files to import.", name=name, most=f"{most:,}"))
    unpacked, packed = sum(each.file_size for each in chosen), sum(each.compress_size for each in chosen)
    if unpacked > limits.size:
        raise too_large(name, limits)
    sizes = [(unpacked, packed), *((each.file_size, each.compress_size) for each in chosen)]
    if any(size > limits.free_size and size > limits.ratio * max(small, 1) for size, small in sizes):
        raise TransferError(
            phrase("{name} is compressed so heavily that it looks malicious. It was not unpacked.", name=name)
        )
    for each in chosen:
        if each.flag_bits & 1:
            raise TransferError(
                phrase("{name} is encrypted.", name=name), hint=phrase("Unpack it yourself, then import the contents.")
            )


def _first_look(archive: Archive, member: zipfile.ZipInfo, place: ZipPlace, files: ZipFiles, *, alone: bool) -> Source:
    """The export in a zip's file, which is let go until it is read: no two of them are in memory at once.

    Raises TransferError.
    """
    inside = member.filename if place.path.is_dir() else PurePosixPath(member.filename).name
    name = place.name if alone and not is_markdown(inside) else f"{place.name}: {inside}"
    try:
        found = detect(name, _unpacked(archive, member), PurePosixPath(member.filename).name)
    except OSError as error:
        raise TransferError(
            phrase("{path} could not be read: {reason}.", path=name, reason=error.strerror or error)
        ) from error
    held = _Member(place, member, name, files)
    return Source(
        name=name,
        format=found.format,
        count=found.count,
        read=lambda place: held.source().read(place),
        notice=found.notice,
        comparisons=found.comparisons,
        comparison=lambda place: held.source().comparison(place),
        votes=found.votes,
        vote=lambda place: held.source().vote(place),
        rest=held.rest,
        close=held.let_go,
        archive="" if alone and not place.inner else place.path.name,
        carried=lambda: held.source().carried(),
        beside=files,
    )


@dataclass
class _Member:
    """An export in a zip, unpacked when it is asked for and until it rests."""

    place: ZipPlace
    member: zipfile.ZipInfo
    name: str
    files: ZipFiles
    _held: Source | None = None

    def source(self) -> Source:
        """The export, in memory. Raises Unreadable where the zip is no longer what it was."""
        if self._held is None:
            try:
                data = self.files.unpacked(self.member)
                self._held = detect(self.name, data, PurePosixPath(self.member.filename).name)
            except (OSError, TransferError, *BAD_ZIP) as error:
                raise Unreadable(phrase("{name} was changed in the meantime.", name=self.place.path.name)) from error
        return self._held

    def rest(self) -> None:
        """Let it go."""
        self._held = None

    def let_go(self) -> None:
        """The zip as well."""
        self.rest()
        self.files.close()


def _unpacked(archive: Archive, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as file:
        return file.read(member.file_size + 1)
