"""Files to import from: what format they are in, and their items one by one."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Mapping, Sequence
from typing import cast

import msgspec

from desktop.errors import TransferError
from desktop.phrases import phrase
from desktop.transfer import cherry_backup
from desktop.transfer.import_drafts import Format
from desktop.transfer.import_shelf import carried
from desktop.transfer.importers import (
    big_agi,
    chatbotui,
    chatbox,
    chatgpt,
    claude,
    claude_design,
    deepseek,
    jan,
    librechat,
    lm_studio,
    nextchat,
    open_webui,
    paragone,
    typing_mind,
)
from desktop.transfer.loose_json import Unreadable, decode, items, parted, table, text
from desktop.transfer.source import KNOWN, Source


def detect(name: str, data: bytes) -> Source:
    """The export that some JSON holds. Raises TransferError where it is none that is known."""
    try:
        data = _utf8(data)
        if jan.is_messages(data):
            return Source(name=name, format=jan.FORMAT, count=1, read=lambda _place: jan.from_files(data))
        whole = _top(data)
        if isinstance(whole, list):
            return _listed(name, whole)
        return _single(name, whole, data)
    except Unreadable as error:
        raise TransferError(
            phrase("{name} cannot be imported. {reason}", name=name, reason=error.reason),
            hint=phrase("Give an export of {programs}.", programs=KNOWN),
        ) from error


def _utf8(data: bytes) -> bytes:
    """JSON as UTF-8 without a mark, from any Unicode encoding that says what it is."""
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
    """The outermost list or object; its items are not decoded yet, where that can be put off. Raises Unreadable."""
    start = data[:64].lstrip()[:1]
    if start not in (b"[", b"{"):
        raise Unreadable(phrase("It is not JSON.") if start else phrase("It is empty."))
    return cast("list[object] | dict[str, object]", parted(data))


def _listed(name: str, held: list[object]) -> Source:
    if not held:
        raise TransferError(phrase("{name} holds no conversation.", name=name))
    found = _format_of(held)
    if found is None:
        raise _unknown(name)
    return Source(name=name, format=found, count=len(held), read=lambda place: decode(held[place]))


def _single(name: str, held: Mapping[str, object], data: bytes) -> Source:
    schema = text(_field(held, "schema"))
    if schema.startswith("paragone/"):
        return _own(name, held, schema)
    if chatbox.SESSIONS in held or chatbox.OLDER_SESSIONS in held or any(key.startswith("session:") for key in held):
        return _chatbox(name, held)
    if "version" in held and "history" in held:
        return _items(name, chatbotui.FORMAT, items(parted(held["history"])))
    if cherry_backup.is_one(held):
        return cherry_backup.opened(name, held)
    if nextchat.STORE in held:
        return _items(name, nextchat.FORMAT, items(parted(nextchat.sessions(held[nextchat.STORE]))))
    if (chats := typing_mind.chats(held)) is not None and _format_of(chats) is typing_mind.FORMAT:
        return _items(name, typing_mind.FORMAT, chats)
    key = "data" if "success" in held and "data" in held else "conversations"  # as Qwen's site wraps its list
    if key in held:
        listed = parted(held[key])
        conversations = [held[key]] if key == "data" and table(listed) else items(listed)
        found = _format_of(conversations)
        if found is None and not conversations:
            raise TransferError(phrase("{name} holds no conversation.", name=name))
        if found is not None:
            return _items(name, found, conversations)
    found = _format_of([msgspec.Raw(data)])
    if found is None:
        raise _unknown(name)
    return _items(name, found, [msgspec.Raw(data)])


def _own(name: str, held: Mapping[str, object], schema: str) -> Source:
    if schema != "paragone/1":
        raise TransferError(
            phrase("{name} was written by a newer version of Paragone ({schema}).", name=name, schema=schema),
            hint=phrase("Install the newer version."),
        )
    conversations, comparisons = (items(parted(held.get(key))) for key in ("conversations", "comparisons"))
    votes, vote = _listed_votes(held)
    files = carried([*_listed_files(held.get("attachments"))])
    return Source(
        name=name,
        format=paragone.FORMAT,
        count=len(conversations),
        read=lambda place: decode(conversations[place]),
        comparisons=len(comparisons),
        comparison=lambda place: decode(comparisons[place]),
        votes=votes,
        vote=vote,
        carried=lambda: files,
    )


def _listed_votes(held: Mapping[str, object]) -> tuple[int, Callable[[int], object]]:
    """How many votes an export of ours has, and what gives one; a list that cannot be read is one such vote."""
    unread: Exception = Unreadable(phrase("The votes in it are no list."))
    whole: object = ()
    try:
        whole = parted(held["votes"]) if "votes" in held else ()
    except Unreadable as error:
        unread, whole = error, None
    found = items(whole)
    if isinstance(whole, (list, tuple)):
        return len(found), lambda place: decode(found[place])

    def refuse(place: int) -> object:
        """What is wrong with all of them."""
        del place
        raise unread

    return 1, refuse


def _listed_files(held: object) -> Sequence[object]:
    """The attached files of an export of ours; none where their list cannot be read."""
    try:
        return items(parted(held))
    except Unreadable:
        return ()


def _chatbox(name: str, held: Mapping[str, object]) -> Source:
    lists = {key: _field(held, key, _within) for key in (chatbox.SESSIONS, chatbox.OLDER_SESSIONS)}
    listed = chatbox.sessions({**held, **lists})

    def read(place: int) -> object:
        """One entry of the list, with the session that is kept elsewhere under its key, or that it is itself."""
        entry, key = listed[place]
        return {"entry": entry, "session": _within(decode(held.get(key))) if key else entry}

    return Source(name=name, format=chatbox.FORMAT, count=len(listed), read=read)


def _within(value: object) -> object:
    """The value of JSON that is kept as text within JSON; any other value as it is. Raises Unreadable."""
    return decode(value.encode("utf-8", "surrogatepass")) if isinstance(value, str) else value


def _items(name: str, format_: Format, held: Sequence[object]) -> Source:
    return Source(name=name, format=format_, count=len(held), read=lambda place: decode(held[place]))


def _format_of(held: Sequence[object]) -> Format | None:
    """The format of the first item that shows one. Raises Unreadable where none does and one could not be read."""
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
    chat = table(entry.get("chat"))
    if "chat_messages" in entry:
        return claude.FORMAT
    if "history" in chat or "messages" in chat or "messages" in table(entry.get("history")):
        return open_webui.FORMAT
    if "mapping" in entry:
        return deepseek.FORMAT if deepseek.is_one(entry) else chatgpt.FORMAT
    if "conversationId" in entry and ("messages" in entry or "messagesTree" in entry):
        return librechat.FORMAT
    if claude_design.is_one(entry):
        return claude_design.FORMAT
    if lm_studio.is_one(entry):
        return lm_studio.FORMAT
    if typing_mind.is_one(entry):
        return typing_mind.FORMAT
    if jan.is_one(entry):
        return jan.FORMAT
    if nextchat.is_one(entry):
        return nextchat.FORMAT
    if "messages" in entry and ("systemPurposeId" in entry or "userTitle" in entry or "autoTitle" in entry):
        return big_agi.FORMAT
    return None


def _field(held: Mapping[str, object], key: str, also: Callable[[object], object] = lambda value: value) -> object:
    """A field's value, with something done to it; nothing where it cannot be read."""
    try:
        return also(decode(held.get(key)))
    except Unreadable:
        return None


def _unknown(name: str) -> TransferError:
    return TransferError(
        phrase("{name} is not an export that Paragone knows.", name=name),
        hint=phrase("Give an export of {programs}.", programs=KNOWN),
    )
