"""Imports made to use unlimited memory or time: limited, and refused in a sentence where necessary."""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desktop.domain.conversation_types import MOST_MESSAGE_BYTES
from desktop.errors import TransferError
from desktop.transfer.archives import loose_json
from desktop.transfer.archives.loose_json import Unreadable, decode, parted
from desktop.transfer.archives.zip_archive import Limits
from desktop.transfer.export.paragone_json import export
from desktop.transfer.formats import chatbotui, chatbox, chatgpt, claude, llm_database, open_webui, paragone
from desktop.transfer.formats.chatgpt_components import ComponentAnswer
from desktop.transfer.formats.chatgpt_marks import ChatGptCitations, chart, saved_writing, without_writing
from desktop.transfer.formats.claude import Documents
from desktop.transfer.formats.claude_cards import card_of
from desktop.transfer.import_drafts import MOST_MESSAGES, attachment, fenced
from desktop.transfer.importer import open_file
from tests.cpu_time import assert_growth
from tests.desktop.store import made
from tests.desktop.transfer.made import AT, chatgpt_chat, chatgpt_node, only
from tests.desktop.transfer.made import chatgpt as chatgpt_entry
from tests.examples import alike

ROOT = Path(__file__).parents[3]
SIZE = 8 << 20


def weighed(path: Path, *how: str) -> dict[str, Any]:
    """Import in another process; return its peak memory and its output."""
    command = [sys.executable, "-m", "tests.desktop.transfer.weighing", str(path), *how]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=120)
    return json.loads(done.stdout)


def filled(start: str, each: Callable[[int], str], end: str) -> bytes:
    """Return about SIZE bytes of JSON, repeating what `each` returns."""
    count = SIZE // len(each(1000))
    return (start + ",".join(map(each, range(count))) + end).encode()


CHAT = '{"title": "x", "conversation_id": "c", "mapping": {}, "more": ['
REFUSED: dict[str, tuple[str, Callable[[int], str], str]] = {
    "lists in a chat": (f"[{CHAT}", lambda _: "[]", "]}]"),
    "lists in many fields": (
        '{"conversationId": "c", "messages": []',
        lambda n: f'"k{n}":[{",".join(["[]"] * 3000)}]',
        "}",
    ),
    "numbers": ("[", lambda _: "0", "]"),
    "keys": ("{", lambda number: f'"{number}":0', "}"),
    "messages": ('{"version": 4, "history": [{"messages": [', lambda _: '{"role":"user","content":"a"}', "]}]}"),
    "objects in a chat": (f"[{CHAT}", lambda _: '{"a":1}', "]}]"),
    "lists in lists": (f"[{CHAT}", lambda _: "[[[[]]]]", "]}]"),
    "objects": ("[", lambda _: "{}", "]"),
    "chats in a list": ('{"conversations": [', lambda _: "[]", "]}"),
    "history": ('{"version": 4, "history": [', lambda _: "{}", "]}"),
}
"""Beginning, repeated middle and end of a file. Similar ones run under the stress marker."""


@pytest.mark.timeout(480)
@pytest.mark.parametrize("name", alike(3, REFUSED))
def test_json_that_would_take_much_memory_is_refused_in_a_sentence(name: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(filled(*REFUSED[name]).replace(b'[]"k0"', b'[],"k0"'))
    found = weighed(path)
    assert found["took"] < 10 * path.stat().st_size, name
    assert found["added"] == 0
    assert "too many small values" in str(found) or "more than" in str(found), found


def _chats(number: int) -> list[dict[str, Any]]:
    return [chatgpt_chat(f"c{place}", 2) for place in range(number)]


def _words(rng: random.Random, length: int) -> str:
    return " ".join(f"{rng.randrange(10**6)}" for _ in range(length // 7))


KEPT: dict[str, tuple[Callable[[], Any], int]] = {
    "many small chats": (lambda: _chats(4_000), 4_000),
    "one long chat": (lambda: chatgpt_chat("c", 6_000), 1),
    "text with one character that widens it": (
        lambda: {
            "version": 4,
            "history": [{"messages": [{"role": "user", "content": "a" * (SIZE // 12) + "🙂"}] * 12}],
        },
        1,
    ),
    "text that looks like JSON": (
        lambda: {"version": 4, "history": [{"messages": [{"role": "user", "content": "[{,}]" * (SIZE // 5)}]}]},
        1,
    ),
}


@pytest.mark.long
@pytest.mark.timeout(480)
@pytest.mark.parametrize("name", KEPT)
def test_what_is_honest_is_imported_in_ten_times_its_size(name: str, tmp_path: Path) -> None:
    make, added = KEPT[name]
    path = tmp_path / "x.json"
    path.write_text(json.dumps(make(), ensure_ascii=False))
    found = weighed(path)
    assert (found["added"], found["problems"]) == (added, [])
    assert found["took"] < 10 * max(path.stat().st_size, 8 << 20)


@pytest.mark.timeout(480)
def test_of_a_zip_one_file_is_in_memory_at_a_time(tmp_path: Path) -> None:
    rng = random.Random(1)
    path = tmp_path / "x.zip"
    largest = 0
    said = _words(rng, 1 << 20)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for place in range(16):
            node = chatgpt_node("p", "root", parts=[said[place:] + said])
            held = [chatgpt_entry(node, conversation_id=f"{place} {number}", title=str(number)) for number in range(2)]
            archive.writestr(f"conversations-{place}.json", json.dumps(held))
            largest = archive.infolist()[0].file_size
    found = weighed(path, "look")
    assert (found["added"], found["problems"]) == (32, [])
    assert largest > 4_000_000
    assert found["took"] < 10 * largest


def zipped(path: Path, *members: object) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, each in enumerate(members):
            archive.writestr(f"{place}.json", json.dumps(each))
    return path


def test_conversations_are_counted_over_a_whole_zip(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", _chats(3), _chats(3))
    assert sum(each.count for each in open_file(path, Limits(items=6))) == 6
    with pytest.raises(TransferError, match="more than 5 conversations"):
        open_file(path, Limits(items=5))


def test_how_densely_a_zip_is_packed_is_told_of_all_its_files_together(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", *([{"a": "a" * 100_000}] * 30))
    with pytest.raises(TransferError, match="looks malicious"):
        open_file(path, Limits(ratio=50, free_size=200_000))
    with pytest.raises(TransferError, match="no conversation files"):
        open_file(path, Limits(ratio=50, free_size=4_000_000))


def test_a_zip_that_changed_since_it_was_looked_at_is_a_sentence(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", _chats(3))
    (source,) = open_file(path)
    source.read(0)
    source.rest()
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(Unreadable, match="changed during the import"):
        source.read(0)


@pytest.mark.long
@pytest.mark.parametrize("number", [loose_json.MOST_LISTED, loose_json.MOST_LISTED + 1])
@pytest.mark.parametrize("held", ["0", '{"a":[1,{"b":"],["}]}', '"\\"],["', "[[],[]]"])
def test_entries_are_counted_at_the_top_alone(number: int, held: str) -> None:
    fits = number == loose_json.MOST_LISTED
    assert loose_json.is_short(f" [{','.join([held] * number)}]".encode()) is fits
    assert loose_json.is_short(('{"a":' + ',"a":'.join([held] * number) + "}").encode()) is fits
    if fits:
        within = f'[["x",{",".join([held] * number)}],{held}]'.encode()
        assert loose_json.is_short(within)
        assert len(parted(within)) == 2  # type: ignore[arg-type]


def test_a_message_may_be_as_large_as_an_answer_and_no_larger() -> None:
    def talk(size: int) -> object:
        said = "é" * ((size - 2) // 2) + "ab"
        return {"messages": [{"role": "user", "content": said}]}

    assert len(only(chatbotui.drafts(talk(MOST_MESSAGE_BYTES), AT)).messages[0].text.encode()) == MOST_MESSAGE_BYTES
    with pytest.raises(Unreadable, match="larger than 16 MB"):
        chatbotui.drafts(talk(MOST_MESSAGE_BYTES + 2), AT)
    (own,) = json.loads(export([made.said("x" * (MOST_MESSAGE_BYTES + 1))], AT))["conversations"]
    with pytest.raises(Unreadable, match="larger than 16 MB"):
        paragone.drafts(own, AT)


def test_a_conversation_has_no_more_messages_than_can_be_handled() -> None:
    messages = [{"role": "user", "content": "a"}] * (MOST_MESSAGES + 1)
    with pytest.raises(Unreadable, match="more than 100,000 messages"):
        chatbotui.drafts({"messages": messages}, AT)


def claude_with(**message: object) -> object:
    return {"uuid": "u", "name": "x", "chat_messages": [{"uuid": "1", "sender": "human", "text": "a", **message}]}


MANY = 60_000
SEARCHED = {
    "search_result_groups": [
        {"entries": [{"url": f"https://{n}.example", "ref_id": {"ref_index": n}} for n in range(50)]},
    ]
}


def upside_down(many: int) -> dict[str, Any]:
    """Return forks that are not connected to a message, each at the next one."""
    forks = {
        f"{n + 1}": {"lists": [{"messages": [{"id": f"{n}", "role": "assistant", "content": "a"}]}]}
        for n in range(many)
    }
    return {"messages": [{"id": "u", "role": "user", "content": "a"}], "messageForksHash": forks}


def llm_chain(many: int) -> dict[str, Any]:
    """Return a log in which a newer version continued everything of an older one."""
    older = [{"id": f"{n}", "prompt": f"p{n}", "response": f"a{n}"} for n in range(many // 2)]
    said = [text for each in older for text in (each["prompt"], each["response"])] + ["more"] * many
    messages = [
        {
            "number": n,
            "hash": f"h{n}",
            "parent_hash": f"h{n - 1}",
            "role": ("user", "assistant")[n % 2],
            "parts": [{"type": "text", "text": text}],
        }
        for n, text in enumerate(said)
    ]
    return {"id": "c", "responses": older, "messages": messages, "turns": [], "tip": f"h{len(said) - 1}"}


LINEAR: dict[str, Callable[[int], object]] = {
    "parts": lambda many: chatgpt.drafts(chatgpt_entry(chatgpt_node("p", "root", parts=["a"] * many)), AT),
    "contents": lambda many: claude.drafts(claude_with(content=[{"type": "text", "text": "a"}] * many), AT),
    "files": lambda many: claude.drafts(
        claude_with(
            attachments=[{"file_name": f"a{number}"} for number in range(many // 10)],
            files=[{"file_name": f"b{number}"} for number in range(many // 10)],
        ),
        AT,
    ),
    "backticks": lambda many: fenced("`" * many),
    "details": lambda many: open_webui.split('<details type="reasoning" ' * many, Counter()),
    "closed details": lambda many: open_webui.split('<details type="reasoning">a</details>' * many, Counter()),
    "details beside code": lambda many: open_webui.split(
        '`a` <details type="reasoning">a</details>' * (many // 8), Counter()
    ),
    "details in code": lambda many: open_webui.split('```\n<details type="reasoning">' * many, Counter()),
    "artifacts beside code": lambda many: claude.split("<antThinking></antThinking>`a`" * (many // 8)),
    "artifacts in code": lambda many: claude.split("`<antThinking></antThinking>`" * many),
    "oldest citations in code": lambda many: ChatGptCitations({}, str).resolved("`[oaicite:1]`" * many),
    "spaces": lambda many: open_webui.split("<details" + " " * many, Counter()),
    "system messages": lambda many: chatbotui.drafts(
        {"messages": [{"role": "system", "content": f"{number}"} for number in range(many // 4)]}, AT
    ),
    "answers in a row": lambda many: chatbotui.drafts(
        {"messages": [{"role": "assistant", "content": "a"}] * (many // 10)}, AT
    ),
    "artifacts": lambda many: claude.split("<antThinking></antThinking>" * many),
    "artifacts that do not end": lambda many: claude.split("<antArtifact x>" * many),
    "tags that do not end": lambda many: claude.split("<antArtifact <antThinking" * many),
    "citations": lambda many: ChatGptCitations({}, str).resolved("\ue200cite\ue202a\ue201" * many),
    "citations that do not end": lambda many: ChatGptCitations({}, str).resolved("\ue200cite\ue202" * many),
    "formulas of widgets in one line": lambda many: ChatGptCitations({}, str).resolved(
        '\ue200genui\ue202{"math":"x"}\ue201' * (many // 10)
    ),
    "blocks of writing": lambda many: without_writing(":::writing{}\n:::\n" * many),
    "older citations": lambda many: ChatGptCitations({}, str).resolved("【1†" * many),
    "answers that cite": lambda many: chatgpt.drafts(
        chatgpt_entry(
            *(
                chatgpt_node(f"{n}", f"{n - 1}", "assistant", ["\ue200cite\ue202a\ue201"], metadata=SEARCHED)
                for n in range(many // 100)
            )
        ),
        AT,
    ),
    "answers of chatbox": lambda many: chatbox.drafts(
        {"session": {"messages": [{"id": f"{n}", "role": "assistant", "content": "a"} for n in range(many // 10)]}}, AT
    ),
    "forks upside down": lambda many: chatbox.drafts({"session": upside_down(many // 10)}, AT),
    "messages of llm": lambda many: llm_database.drafts(llm_chain(many // 20), AT),
    "a long name": lambda many: attachment("a " * many),
    "brackets": lambda many: loose_json.is_short(b"[" * many + b"," * loose_json.MOST_LISTED),
    "objects": lambda many: loose_json.is_short(b'{"a":' * many + b"," * loose_json.MOST_LISTED),
    "quotes": lambda many: loose_json.is_light(b'"' * (10 * many) + b"[" * 1_000_000),
}


@pytest.mark.timeout(480)
@pytest.mark.parametrize("name", LINEAR)
def test_it_takes_time_in_proportion(name: str) -> None:
    assert_growth(LINEAR[name], MANY // 8, MANY // 2, at_most=8)


def test_what_is_nested_too_deep_is_a_sentence() -> None:
    for held in itertools.product((b"[", b'{"a":'), (1_000, 100_000)):
        with pytest.raises(Unreadable):
            decode(held[0] * held[1])


LONG = "x" * 100_000

CARDS: list[tuple[str, dict[str, Any]]] = [
    (
        "recipe_display_v0",
        {
            "ingredients": [{"id": "1", "name": LONG, "amount": 10**400}],
            "steps": [{"content": "{1} " * 2_000}],
        },
    ),
    ("table_display_v0", {"table": [["a"] * 3_000, *([] for _ in range(3_000))]}),
    ("chart_display_v0", {"series": [{"name": "n", "values": [1]}] * 2_000, "xAxis": {"data": ["m"] * 2_000}}),
]


def components(said: str) -> str:
    return ComponentAnswer(said, {"model_dil_v2": {}}, ChatGptCitations({}, lambda _: "")).markdown()


@pytest.mark.parametrize(("name", "given"), CARDS)
def test_a_card_says_no_more_than_it_holds(name: str, given: dict[str, Any]) -> None:
    assert 0 < len(card_of(name, given)) < 2_000_000


def test_a_chart_of_many_keys_or_long_units_is_cut() -> None:
    keys = {"data": [{f"k{number}": number} for number in range(2_000)]}
    units = {"data": [{"k": 1}] * 2_000, "series": [{"dataKey": "k", "valuePrefix": LONG}]}
    assert all(0 < len(chart(each)) < 1_000_000 for each in (keys, units))


@pytest.mark.parametrize(
    "said",
    [
        '<Link url="https://a"><row>' * 45 + "[x]",
        '<Link url="https://a" title="t">' * 45 + "[x]",
        "<table><table-row>"
        + "<table-cell>a</table-cell>" * 2_000
        + "</table-row>"
        + "<table-row></table-row>" * 2_000,
    ],
)
def test_components_within_each_other_say_no_more_than_they_hold(said: str) -> None:
    assert "x" in components(said) or "a" in components(said)
    assert len(components(said)) < 4 * len(said) + 100_000


@pytest.mark.parametrize("block", ['<WritingBlock id="x" variant="a"/>\n', ':::writing{id="x"}\n:::\n'])
def test_what_was_written_anew_stands_once(block: str) -> None:
    metadata: dict[str, Any] = {"writing_blocks": {"x": {"content": LONG}}, "model_dil_v2": {}}
    said = ComponentAnswer(block * 400, metadata, ChatGptCitations({}, lambda _: "")).markdown()
    assert len(without_writing(said, saved_writing(metadata))) < 3 * len(LONG)


def test_a_cited_address_beyond_all_measure_is_no_link() -> None:
    address = f"https://a.example/{LONG}"
    cited = ChatGptCitations({}, lambda _: address)
    assert len(cited.resolved("\ue200cite\ue202turn0search0\ue201 " * 400)) < 10_000


def test_a_document_that_is_changed_everywhere_is_cut_before_it_is_made() -> None:
    documents = Documents()
    change = {"file_path": "/a.md", "old_string": "a", "new_string": LONG, "replace_all": True}
    documents.begin([("Write", {"file_path": "/a.md", "content": "a" * 30_000}), ("Edit", change)])
    shown = documents.of_call("Artifact", {"file_path": "/a.md"})
    assert shown is not None
    assert len(shown.text) < 6_000_000


def test_a_long_document_that_each_answer_changes_is_not_shown_without_end() -> None:
    documents, shown = Documents(), 0
    documents.begin([("artifacts", {"id": "x", "command": "create", "content": "a" * 4_000_000})])
    for number in range(20):
        change: dict[str, object] = {"id": "x", "command": "update", "old_str": "a", "new_str": f"{number}a"}
        documents.begin([("artifacts", change)])
        part = documents.of_call("artifacts", change)
        shown += len(part.text) if part is not None else 0
    assert 4_000_000 < shown < 25_000_000
