"""Exports in a zip, within bounds: nothing is unpacked to the disk, and one of its files is in memory at a time."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from msgspec import structs

from desktop.errors import TransferError
from desktop.phrases import phrase
from desktop.transfer import chatbox_backup, cherry_backup, jan_folder
from desktop.transfer.format_detection import detect
from desktop.transfer.import_limits import Limits
from desktop.transfer.importers import chatgpt
from desktop.transfer.loose_json import Unreadable
from desktop.transfer.source import KNOWN, Source, too_large
from desktop.transfer.zip_faults import BAD_ZIP
from desktop.transfer.zip_files import ZipFiles
from desktop.transfer.zip_places import Archive, ZipPlace

_DESIGN_CHATS = "design_chats"
"""The folder in Claude's export with a conversation a file."""


def open_zip(path: Path, limits: Limits) -> Sequence[Source]:
    """The exports in a zip. Raises TransferError, and OSError where it cannot be read."""
    sources = _exports(ZipPlace(path), limits)
    if sum(each.count + each.comparisons for each in sources) > limits.items:
        raise TransferError(
            phrase("{name} holds more than {most} conversations.", name=path.name, most=f"{limits.items:,}"),
            hint=phrase("Export fewer conversations at once."),
        )
    return sources


def _exports(place: ZipPlace, limits: Limits) -> Sequence[Source]:
    """The exports in a zip, or where it holds zips of conversations, in those. Raises as `open_zip`."""
    name = place.name
    try:
        with place.opened() as archive:
            members = archive.infolist()
            if len(members) > limits.members:
                raise TransferError(
                    phrase("{name} holds more than {most} files.", name=name, most=f"{limits.members:,}")
                )
            backup = None if place.inner else chatbox_backup.found_in(place, members)
            if backup is not None:
                _check_sizes(name, [backup.manifest, *backup.sessions], limits, limits.items)
                return (backup.source(),)
            chosen = _chosen(members, limits.exports)
            threads = jan_folder.found_in(place, members)
            if threads is not None and not any(_is_named(each) for each in chosen):
                _check_sizes(name, threads.members, limits, 2 * limits.items)
                return (threads.source(),)
            inner = [] if any(_is_named(each) for each in chosen) else place.within(members, limits)
            if not inner:
                return _known(archive, place, members, chosen, limits)
    except BAD_ZIP as error:
        raise TransferError(phrase("{name} is not a zip that can be read: {error}.", name=name, error=error)) from error
    return _all_of(inner, limits)


def _all_of(inner: Sequence[ZipPlace], limits: Limits) -> Sequence[Source]:
    """The exports of several zips; what is wrong with one keeps the others from nothing. Raises as `open_zip`."""
    found: list[Source] = []
    wrong: list[TransferError] = []
    for each in inner:
        try:
            found += _exports(each, limits)
        except TransferError as error:
            wrong.append(error)
    if not found:
        raise wrong[0]
    if not wrong:
        return found
    said = " ".join(filter(None, (found[0].notice, *(each.message for each in wrong))))
    return [structs.replace(found[0], notice=said), *found[1:]]


def _known(
    archive: Archive,
    place: ZipPlace,
    members: Sequence[zipfile.ZipInfo],
    chosen: Sequence[zipfile.ZipInfo],
    limits: Limits,
) -> Sequence[Source]:
    """The exports among the files of a zip that may be one. Raises TransferError where none is."""
    if cherry_backup.is_database(members):
        raise TransferError(
            phrase("{name} holds the database of Cherry Studio as it lies on the disk.", name=place.name),
            hint=phrase("Give a backup with a data.json, as older versions write it."),
        )
    if not chosen:
        raise TransferError(
            phrase("{name} holds no JSON file.", name=place.name),
            hint=phrase("Give an export of {programs}.", programs=KNOWN),
        )
    _check_sizes(place.name, chosen, limits, limits.exports)
    files = ZipFiles(place, members, limits)
    found = [_first_look(archive, member, place, files, alone=len(chosen) == 1) for member in chosen]
    sources = [each for each in found if isinstance(each, Source)]
    if not sources:
        raise next(each for each in found if isinstance(each, TransferError))
    beside = sum("textdocs" in PurePosixPath(each.filename).parent.parts for each in members if not each.is_dir())
    return _with_notice(sources, beside)


def _with_notice(sources: Sequence[Source], beside: int) -> Sequence[Source]:
    """The exports, the first of ChatGPT's with what is said of so many documents of its canvas."""
    first = next((place for place, each in enumerate(sources) if each.format is chatgpt.FORMAT), None)
    if first is None or not beside:
        return sources
    notice = phrase("Documents beside the chats are left out ({count}).", count=f"{beside:,}")
    return [structs.replace(each, notice=notice) if place == first else each for place, each in enumerate(sources)]


def _chosen(members: Sequence[zipfile.ZipInfo], most: int) -> list[zipfile.ZipInfo]:
    """Files named conversations…json with chats beside them, or without one all JSON files, at most so many with chats.

    Names are looked at and never used as paths.
    """
    held = [each for each in members if not each.is_dir() and each.filename.lower().endswith(".json")]
    held = [each for each in held if not each.filename.startswith("__MACOSX/")]
    held = cherry_backup.alone(held, members) or held
    named = [each for each in held if _is_named(each)]
    beside = [each for each in held if PurePosixPath(each.filename).parent.name == _DESIGN_CHATS]
    return [*named, *beside[: max(most - len(named), 0)]] if named else held


def _is_named(member: zipfile.ZipInfo) -> bool:
    return PurePosixPath(member.filename).name.lower().startswith("conversations")


def _check_sizes(name: str, chosen: Sequence[zipfile.ZipInfo], limits: Limits, most: int) -> None:
    if len(chosen) > most:
        raise TransferError(phrase("{name} holds more than {most} JSON files.", name=name, most=f"{most:,}"))
    unpacked, packed = sum(each.file_size for each in chosen), sum(each.compress_size for each in chosen)
    if unpacked > limits.size:
        raise too_large(name, limits)
    sizes = [(unpacked, packed), *((each.file_size, each.compress_size) for each in chosen)]
    if any(size > limits.free_size and size > limits.ratio * max(small, 1) for size, small in sizes):
        raise TransferError(
            phrase("{name} is packed so densely that it looks like a trap; it was not unpacked.", name=name)
        )
    for each in chosen:
        if each.flag_bits & 1:
            raise TransferError(
                phrase("{name} is encrypted.", name=name), hint=phrase("Unpack it, then import what is in it.")
            )


def _first_look(
    archive: Archive, member: zipfile.ZipInfo, place: ZipPlace, files: ZipFiles, *, alone: bool
) -> Source | TransferError:
    """The export in a zip's file, which is let go until it is read: no two of them are in memory at once."""
    name = place.name if alone else f"{place.name}: {PurePosixPath(member.filename).name}"
    try:
        found = detect(name, _unpacked(archive, member))
    except TransferError as error:
        return error
    held = _Member(place, member, name, files)
    return Source(
        name=name,
        format=found.format,
        count=found.count,
        read=lambda place: held.source().read(place),
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
                with self.place.opened() as archive:
                    self._held = detect(self.name, _unpacked(archive, self.member))
            except (OSError, TransferError, *BAD_ZIP) as error:
                raise Unreadable(phrase("{name} was changed meanwhile.", name=self.place.path.name)) from error
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
