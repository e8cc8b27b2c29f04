"""The big list of naughty strings (npm: blns) through store, search, export, import and Markdown."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from desktop.domain.conversation_types import Conversation
from desktop.domain.message_parts import Part
from desktop.markdown.text_segments import blocks
from desktop.pages.html_text import rendered
from desktop.store.store import Store
from desktop.transfer.export import export
from desktop.transfer.export.export import ExportFormat
from desktop.transfer.importer import Importer
from tests.corpora.npm_packages import npm_package
from tests.corpora.outcome import Outcome
from tests.desktop.store import made

_FEWEST = 400
_NEEDLE = "needle"


async def outcomes() -> list[Outcome]:
    """Kept, found, exported and imported unchanged; drawn from blocks that joined are the text, and without markup."""
    strings = _strings()
    return [await _kept(strings), _drawn(strings)]


async def _kept(strings: list[str]) -> Outcome:
    outcome = Outcome("Naughty strings: kept, found, exported, imported")
    with tempfile.TemporaryDirectory() as folder:
        one, two, file = Path(folder) / "one", Path(folder) / "two", Path(folder) / "all.json"
        ids: dict[str, str] = {}
        async with await Store.open(one) as store:
            for text in strings:
                talk = made.conversation(made.prompt(f"{text} {_NEEDLE}"), title=text)
                await store.conversations.create(talk)
                ids[talk.id] = text
            found = {hit.conversation.id for hit in await store.search(_NEEDLE, 10_000)}
            held = {each: await store.conversations.get(each) for each in ids}
            for form, path in ((ExportFormat.JSON, file), (ExportFormat.MARKDOWN, file.with_suffix(".md"))):
                await export.export(store, await export.choose_all(store), form, path)
        async with await Store.open(two) as store:
            importing = Importer(store, [file])
            await importing.run()
            importing.close()
            back = {each.id: await store.conversations.get(each.id) for each in await store.conversations.list()}
    for id_, text in ids.items():
        kept = held[id_].messages[0].text == f"{text} {_NEEDLE}"
        same = id_ in back and _said(back[id_]) == _said(held[id_]) and back[id_].title == held[id_].title
        why = "changed in the store" if not kept else "not found" if id_ not in found else "changed by the transfer"
        outcome.take(repr(text)[:60], right=kept and id_ in found and same, why=why)
    return outcome


def _said(conversation: Conversation) -> list[tuple[str, tuple[Part, ...]]]:
    """What a conversation says; that its messages were imported is noted on them."""
    return [(message.id, message.parts) for message in conversation.messages]


def _drawn(strings: list[str]) -> Outcome:
    outcome = Outcome("Naughty strings: Markdown and web pages")
    for text in strings:
        whole = "".join(block.source for block in blocks(text))
        wanted = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
        page = rendered(text).lower()
        live = [mark for mark in ("<script", "<img", "<iframe", "<svg") if mark in page]
        is_blank = not text.strip(" \t\n\ufeff")  # nothing is drawn of it
        outcome.take(repr(text)[:60], right=(whole == wanted or is_blank) and not live, why=", ".join(live))
    return outcome


def _strings() -> list[str]:
    with npm_package("blns") as folder:
        held: list[str] = json.loads((folder / "resources" / "blns.json").read_text("utf-8"))
    assert len(held) >= _FEWEST
    return held
