"""Files to import from: what format they are in, and their items one by one; zips within bounds, never unpacked."""

from __future__ import annotations

import codecs
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import cast

import msgspec

from desktop.errors import TransferError
from desktop.phrases import phrase
from desktop.transfer.drafts import Format
from desktop.transfer.importers import (
    big_agi,
    chatbotui,
    chatbox,
    chatgpt,
    claude,
    librechat,
    open_webui,
    paragone,
)
from desktop.transfer.loose import Unreadable, decode, items, table, text

KNOWN = phrase("ChatGPT, Claude, Open WebUI, LibreChat, Chatbox, ChatbotUI, big-AGI, llm (logs.db) or Paragone")


@dataclass(frozen=True)
class Limits:
    """Bytes of a file and of all that is unpacked from one, files in a zip, and how far a file may be packed."""

    size: int = 1 << 30
    members: int = 200_000
    exports: int = 5_000
    ratio: int = 400
    free_size: int = 16 << 20
    """Below this many bytes unpacked no ratio is too much."""


LIMITS = Limits()


@dataclass(frozen=True, kw_only=True)
class Source:
    """One export: `read` gives the item at a place, decoded, or raises Unreadable; `close` lets its file go."""

    name: str
    format: Format
    count: int
    read: Callable[[int], object]
    comparisons: Sequence[object] = ()
    notice: str = ""
    close: Callable[[], None] = field(default=lambda: None)


def open_file(path: Path, limits: Limits = LIMITS) -> tuple[Source, ...]:
    """The exports of a file, several where it is a zip. Slow: call it on a thread. Raises TransferError."""
    from desktop.transfer import llm_database

    try:
        if path.is_dir():
            raise TransferError(
                phrase("{name} is a folder.", name=path.name), hint=phrase("Give the export's file, or a zip of it.")
            )
        with path.open("rb") as file:
            start = file.read(16)
        if start == llm_database.MAGIC:
            return (llm_database.open_database(path),)
        if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return tuple(_zipped(path, limits))
        if path.stat().st_size > limits.size:
            raise _too_large(path.name, limits)
        return (detect(path.name, path.read_bytes()),)
    except OSError as error:
        raise TransferError(
            phrase("{path} cannot be read: {reason}.", path=path, reason=error.strerror or error)
        ) from error


def detect(name: str, data: bytes) -> Source:
    """The export that some JSON holds. Raises TransferError where it is none that is known."""
    try:
        whole = _top(_utf8(data))
    except Unreadable as error:
        raise TransferError(
            phrase("{name} cannot be imported. {reason}", name=name, reason=error.reason),
            hint=phrase("Give an export of {programs}.", programs=KNOWN),
        ) from error
    if isinstance(whole, list):
        return _listed(name, whole)
    return _single(name, whole)


def _utf8(data: bytes) -> bytes:
    """JSON as UTF-8 without a mark, from any Unicode encoding that says what it is."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, "replace").encode("utf-8", "replace")
    return data


def _top(data: bytes) -> list[object] | dict[str, object]:
    """The outermost list or object; its items are not decoded yet, where that can be put off. Raises Unreadable."""
    start = data[:64].lstrip()[:1]
    if start not in (b"[", b"{"):
        raise Unreadable(phrase("It is not JSON.") if start else phrase("It is empty."))
    try:
        if start == b"[":
            return cast("list[object]", msgspec.json.decode(data, type=list[msgspec.Raw]))
        return cast("dict[str, object]", msgspec.json.decode(data, type=dict[str, msgspec.Raw]))
    except RecursionError:
        raise Unreadable(phrase("It is nested too deep.")) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return cast("list[object] | dict[str, object]", decode(data))


def _listed(name: str, held: list[object]) -> Source:
    if not held:
        raise TransferError(phrase("{name} holds no conversation.", name=name))
    found = next(filter(None, map(_format_of_item, held)), None)
    if found is None:
        raise _unknown(name)
    return Source(name=name, format=found, count=len(held), read=lambda place: decode(held[place]))


def _single(name: str, held: Mapping[str, object]) -> Source:
    schema = text(_field(held, "schema"))
    if schema.startswith("paragone/"):
        return _own(name, held, schema)
    if chatbox.SESSIONS in held or any(key.startswith("session:") for key in held):
        return _chatbox(name, held)
    if "version" in held and "history" in held:
        return _items(name, chatbotui.FORMAT, items(_raws(held["history"])))
    if "conversations" in held:
        conversations = items(_raws(held["conversations"]))
        found = next(filter(None, map(_format_of_item, conversations)), None)
        if found is None and not conversations:
            raise TransferError(phrase("{name} holds no conversation.", name=name))
        if found is not None:
            return _items(name, found, conversations)
    whole = {key: _field(held, key) for key in held}
    found = _format_of_item(whole)
    if found is None:
        raise _unknown(name)
    return _items(name, found, [whole])


def _own(name: str, held: Mapping[str, object], schema: str) -> Source:
    if schema != "paragone/1":
        raise TransferError(
            phrase("{name} was written by a newer version of Paragone ({schema}).", name=name, schema=schema),
            hint=phrase("Install the newer version."),
        )
    conversations = items(_raws(held.get("conversations")))
    return Source(
        name=name,
        format=paragone.FORMAT,
        count=len(conversations),
        read=lambda place: decode(conversations[place]),
        comparisons=items(_raws(held.get("comparisons"))),
    )


def _chatbox(name: str, held: Mapping[str, object]) -> Source:
    listed = chatbox.sessions({**held, chatbox.SESSIONS: _field(held, chatbox.SESSIONS)})

    def read(place: int) -> object:
        """One entry of the list, with the session that is kept elsewhere under its key."""
        entry, key = listed[place]
        return {"entry": entry, "session": decode(held.get(key))}

    return Source(name=name, format=chatbox.FORMAT, count=len(listed), read=read)


def _items(name: str, format_: Format, held: Sequence[object]) -> Source:
    return Source(name=name, format=format_, count=len(held), read=lambda place: decode(held[place]))


def _format_of_item(item: object) -> Format | None:
    try:
        entry = table(decode(item))
    except Unreadable:
        return None
    chat = table(entry.get("chat"))
    if "chat_messages" in entry:
        return claude.FORMAT
    if "history" in chat or "messages" in chat or "messages" in table(entry.get("history")):
        return open_webui.FORMAT
    if "mapping" in entry:
        return chatgpt.FORMAT
    if "conversationId" in entry and ("messages" in entry or "messagesTree" in entry):
        return librechat.FORMAT
    if "messages" in entry and ("systemPurposeId" in entry or "userTitle" in entry or "autoTitle" in entry):
        return big_agi.FORMAT
    return None


def _field(held: Mapping[str, object], key: str) -> object:
    try:
        return decode(held.get(key))
    except Unreadable:
        return None


def _raws(value: object) -> object:
    """A list's items, each still to be decoded. One that cannot be parted is decoded whole. Raises TransferError."""
    if not isinstance(value, msgspec.Raw):
        return value
    try:
        return msgspec.json.decode(value, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _field({"": value}, "")


def _zipped(path: Path, limits: Limits) -> Iterable[Source]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > limits.members:
                raise TransferError(
                    phrase("{name} holds more than {most} files.", name=path.name, most=f"{limits.members:,}")
                )
            chosen = _chosen(members)
            if not chosen:
                raise TransferError(
                    phrase("{name} holds no JSON file.", name=path.name),
                    hint=phrase("Give an export of {programs}.", programs=KNOWN),
                )
            _check_sizes(path.name, chosen, limits)
            found = [_member(archive, member, path.name, len(chosen) == 1) for member in chosen]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise TransferError(
            phrase("{name} is not a zip that can be read: {error}.", name=path.name, error=error)
        ) from error
    sources = [each for each in found if isinstance(each, Source)]
    if not sources:
        raise next(each for each in found if isinstance(each, TransferError))
    return sources


def _chosen(members: Iterable[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """Files named conversations…json, or without one all JSON files. Names are looked at and never used as paths."""
    held = [each for each in members if not each.is_dir() and each.filename.lower().endswith(".json")]
    held = [each for each in held if not each.filename.startswith("__MACOSX/")]
    named = [each for each in held if PurePosixPath(each.filename).name.lower().startswith("conversations")]
    return named or held


def _check_sizes(name: str, chosen: Sequence[zipfile.ZipInfo], limits: Limits) -> None:
    if len(chosen) > limits.exports:
        raise TransferError(phrase("{name} holds more than {most} JSON files.", name=name, most=f"{limits.exports:,}"))
    if sum(each.file_size for each in chosen) > limits.size:
        raise _too_large(name, limits)
    for each in chosen:
        if each.file_size > limits.free_size and each.file_size > limits.ratio * max(each.compress_size, 1):
            raise TransferError(
                phrase("{name} is packed so densely that it looks like a trap; it was not unpacked.", name=name)
            )
        if each.flag_bits & 1:
            raise TransferError(
                phrase("{name} is encrypted.", name=name), hint=phrase("Unpack it, then import what is in it.")
            )


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, alone: bool) -> Source | TransferError:  # noqa: FBT001
    with archive.open(member) as file:
        data = file.read(member.file_size + 1)
    try:
        return detect(name if alone else f"{name}: {PurePosixPath(member.filename).name}", data)
    except TransferError as error:
        return error


def _too_large(name: str, limits: Limits) -> TransferError:
    return TransferError(
        phrase("{name} is larger than {most} MB.", name=name, most=f"{limits.size >> 20:,}"),
        hint=phrase("Export fewer conversations at once."),
    )


def _unknown(name: str) -> TransferError:
    return TransferError(
        phrase("{name} is not an export that Paragone knows.", name=name),
        hint=phrase("Give an export of {programs}.", programs=KNOWN),
    )
