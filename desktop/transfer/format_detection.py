"""Detects the format of a file to import, and provides its items one by one."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import Final, cast

import msgspec

from desktop.errors import TransferError
from desktop.text.phrases import phrase
from desktop.transfer.archives.loose_json import Unreadable, decode, items, parted, table, text
from desktop.transfer.formats import (
    ai_studio,
    big_agi,
    chatbotui,
    chatbox,
    chatgpt,
    cherry_studio,
    claude,
    deepseek,
    gemini,
    grok,
    jan,
    librechat,
    lm_studio,
    markdown_pages,
    mistral,
    nextchat,
    open_webui,
    paragone,
    typing_mind,
    witsy,
)
from desktop.transfer.formats.markdown_pages import is_markdown
from desktop.transfer.import_drafts import Format
from desktop.transfer.source import KNOWN, Source

_FORMATS: Final[tuple[tuple[Callable[[Mapping[str, object]], bool], Format], ...]] = (
    (deepseek.is_of_site, deepseek.FORMAT),
    (lambda entry: "chat_messages" in entry, claude.FORMAT),
    (open_webui.is_one, open_webui.FORMAT),
    (lambda entry: "mapping" in entry and deepseek.is_one(entry), deepseek.FORMAT),
    (lambda entry: "mapping" in entry, chatgpt.FORMAT),
    (lambda entry: "conversationId" in entry and ("messages" in entry or "messagesTree" in entry), librechat.FORMAT),
    (lambda entry: gemini.is_activity(entry) or gemini.has_turns(entry), gemini.FORMAT),
    (grok.is_one, grok.FORMAT),
    (ai_studio.is_one, ai_studio.FORMAT),
    (mistral.is_one, mistral.FORMAT),
    (claude.is_design, claude.DESIGN_FORMAT),
    (lm_studio.is_one, lm_studio.FORMAT),
    (typing_mind.is_one, typing_mind.FORMAT),
    (jan.is_one, jan.FORMAT),
    (nextchat.is_one, nextchat.FORMAT),
    (big_agi.is_one, big_agi.FORMAT),
    (witsy.is_one, witsy.FORMAT),
)
"""Tests of a list's item, or of a file with one conversation. The first test that succeeds determines the format."""


def detect(name: str, data: bytes, file: str = "") -> Source:
    """Return the export in JSON, Markdown or a web page. Raises TransferError if the format is unknown.

    `file` is the name of the file alone, if `name` contains more than that.
    """
    try:
        data = _utf8(data)
        if jan.is_messages(data):
            return Source(name=name, format=jan.FORMAT, count=1, read=lambda _place: jan.from_files(data))
        if (page := _page(name, data, file or name)) is not None:
            return page
        whole = _top(data)
        if isinstance(whole, list):
            return _listed(name, whole)
        return _single(name, whole, data, file or name)
    except Unreadable as error:
        raise TransferError(
            phrase("{name} could not be imported. {reason}", name=name, reason=error.reason),
            hint=phrase("Choose an export from {programs}.", programs=KNOWN),
        ) from error


def _page(name: str, data: bytes, file: str) -> Source | None:
    """Return an export that is a page instead of JSON, or None.

    Raises Unreadable if the file's name promises a page but the file is none.
    """
    if gemini.is_page(data):
        entries = gemini.activities(data)
        if not any(map(gemini.is_activity, entries)):
            raise _unknown(name)
        return gemini.of_activities(name, entries)
    is_named = is_markdown(name)
    if data[:64].lstrip()[:1] in (b"[", b"{", b"") and not is_named:
        return None
    entries = markdown_pages.markdown_source(name, data, PurePath(file).stem)
    if entries is None and is_named and data.strip():
        raise Unreadable(markdown_pages.NO_CONVERSATION)
    return entries


def _utf8(data: bytes) -> bytes:
    """Convert text in any Unicode encoding with a byte order mark to UTF-8 without one."""
    for mark, encoding in (
        (codecs.BOM_UTF8, ""),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            if not encoding:
                return data[len(mark) :]
            return data.decode(encoding, "replace").encode("utf-8", "replace")
    return data


def _top(data: bytes) -> list[object] | dict[str, object]:
    """Return the outermost list or object. Its items remain encoded where possible. Raises Unreadable."""
    start = data[:64].lstrip()[:1]
    if start not in (b"[", b"{"):
        raise Unreadable(phrase("The file is not valid JSON.") if start else phrase("The file is empty."))
    return cast("list[object] | dict[str, object]", parted(data))


def _listed(name: str, entries: list[object]) -> Source:
    if not entries:
        raise TransferError(phrase("{name} contains no conversations.", name=name))
    form = _format_of(entries)
    if form is None:
        raise _unknown(name)
    if form is mistral.FORMAT:
        return Source(name=name, format=form, count=1, read=lambda _place: [decode(each) for each in entries])
    if form is gemini.FORMAT:
        return gemini.of_activities(name, entries)
    if form is witsy.FORMAT:
        return _chats(name, entries, {})
    return Source(name=name, format=form, count=len(entries), read=lambda place: decode(entries[place]))


def _chats(name: str, held: Sequence[object], folders: Mapping[str, str]) -> Source:
    """Return Witsy's chats, each with the name of its folder."""

    def read(place: int) -> object:
        """Return one chat."""
        chat = table(decode(held[place]))
        return {"chat": chat, "folder": folders.get(text(chat.get("uuid")), "")}

    return Source(name=name, format=witsy.FORMAT, count=len(held), read=read)


def _single(name: str, fields: Mapping[str, object], data: bytes, file: str) -> Source:
    if (whole := _backup(name, fields)) is not None:
        return whole
    key = (
        "data" if "success" in fields and "data" in fields else "conversations"
    )  # Qwen's site wraps its list in such an object
    if key in fields:
        listed = parted(fields[key])
        conversations = [fields[key]] if key == "data" and table(listed) else items(listed)
        form = _format_of(conversations)
        if form is None and not conversations:
            raise TransferError(phrase("{name} contains no conversations.", name=name))
        if form is not None:
            return _items(name, form, conversations)
    form = _format_of([msgspec.Raw(data)])
    if form is None:
        raise _unknown(name)
    if form is witsy.FORMAT or gemini.is_activity(table(decode(data))):
        return _listed(name, [msgspec.Raw(data)])
    if form is ai_studio.FORMAT:
        title = PurePath(file).name.removesuffix(".json")
        return Source(name=name, format=form, count=1, read=lambda _place: {"title": title, "prompt": decode(data)})
    return _items(name, form, [msgspec.Raw(data)])


def _backup(name: str, fields: Mapping[str, object]) -> Source | None:
    """Return a program's full backup, recognized by its outermost keys, or None."""
    schema = text(_field(fields, "schema"))
    if schema.startswith("paragone/"):
        return paragone.opened(name, fields, schema)
    if (
        chatbox.SESSIONS in fields
        or chatbox.OLDER_SESSIONS in fields
        or any(key.startswith("session:") for key in fields)
    ):
        return _chatbox(name, fields)
    if "version" in fields and "history" in fields:
        return _items(name, chatbotui.FORMAT, items(parted(fields["history"])))
    if cherry_studio.is_one(fields):
        return cherry_studio.opened(name, fields)
    if nextchat.STORE in fields:
        return _items(name, nextchat.FORMAT, items(parted(nextchat.sessions(fields[nextchat.STORE]))))
    if (chats := typing_mind.chats(fields)) is not None and _format_of(chats) is typing_mind.FORMAT:
        return _items(name, typing_mind.FORMAT, chats)
    if witsy.is_history(fields):
        return _chats(name, items(parted(fields["chats"])), witsy.folders(_field(fields, "folders")))
    site = table(table(_field(fields, "data") if "biz_data" in _start(fields.get("data")) else None).get("biz_data"))
    return _items(name, deepseek.FORMAT, [site]) if deepseek.is_of_site(site) else None


def _chatbox(name: str, held: Mapping[str, object]) -> Source:
    lists = {key: _field(held, key, _within) for key in (chatbox.SESSIONS, chatbox.OLDER_SESSIONS)}
    listed = chatbox.sessions({**held, **lists})

    def read(place: int) -> object:
        """Return one entry with its session, which is stored under a key of its own or is the entry itself."""
        entry, key = listed[place]
        return {"entry": entry, "session": _within(decode(held.get(key))) if key else entry}

    return Source(name=name, format=chatbox.FORMAT, count=len(listed), read=read)


def _within(value: object) -> object:
    """Decode JSON stored as a string within JSON; return any other value unchanged. Raises Unreadable."""
    return decode(value.encode("utf-8", "surrogatepass")) if isinstance(value, str) else value


def _items(name: str, format_: Format, held: Sequence[object]) -> Source:
    return Source(name=name, format=format_, count=len(held), read=lambda place: decode(held[place]))


def _format_of(held: Sequence[object]) -> Format | None:
    """Return the format of the first item that reveals it, or None.

    Raises Unreadable if no item reveals a format and one was unreadable.
    """
    unreadable: Unreadable | None = None
    for item in held:
        try:
            found = _format_of_item(table(decode(item)))
        except Unreadable as error:
            unreadable = unreadable or error
            continue
        if found is not None:
            return found
    if unreadable is not None:
        raise unreadable
    return None


def _format_of_item(entry: Mapping[str, object]) -> Format | None:
    return next((form for is_one, form in _FORMATS if is_one(entry)), None)


def _field(held: Mapping[str, object], key: str, also: Callable[[object], object] = lambda value: value) -> object:
    """Return a decoded field after applying `also` to it, or None if it is unreadable."""
    try:
        return also(decode(held.get(key)))
    except Unreadable:
        return None


def _start(value: object) -> str:
    """Return the beginning of a value that is still encoded."""
    return bytes(memoryview(value)[:200]).decode("utf-8", "replace") if isinstance(value, msgspec.Raw) else ""


def _unknown(name: str) -> TransferError:
    return TransferError(
        phrase("{name} is not in an export format that Paragone supports.", name=name),
        hint=phrase("Choose an export from {programs}.", programs=KNOWN),
    )
