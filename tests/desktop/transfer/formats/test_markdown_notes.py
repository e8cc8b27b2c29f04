"""Markdown of other programs, in the forms that their exporters write."""

# ruff: noqa: E501 - files as they are written

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desktop.domain.message_parts import ReasoningPart
from desktop.errors import TransferError
from desktop.transfer.archives.zip_archive import Limits
from desktop.transfer.format_detection import detect
from desktop.transfer.formats.markdown_pages import MOST_BYTES
from desktop.transfer.import_drafts import Draft
from desktop.transfer.importer import open_file
from tests.desktop.transfer.made import AT, said
from tests.examples import alike


def drafts(page: str, name: str = "Sky at noon.md") -> list[Draft]:
    source = detect(name, page.encode())
    assert source.format.name == "Markdown"
    return [draft for place in range(source.count) for draft in source.format.drafts(source.read(place), AT)]


def only(page: str) -> Draft:
    (draft,) = drafts(page)
    return draft


STYLES = {
    "headings of two words": "## User\n\nwhy?\n\n## Assistant\n\nso\n",
    "ChatGPT Exporter": "# Sky\n\n#### You:\nwhy?\n\n#### ChatGPT:\nso\n",
    "Cherry Studio": "# Sky\n\n## 🧑‍💻 User\n\nwhy?\n\n---\n## 🤖 Assistant\n\nso\n",
    "NextChat": "# Sky\n\n## Message From You:\nwhy?\n\n## Message From ChatGPT:\nso",
    "NextChat in Chinese": "# Sky\n\n## 来自你的消息:\nwhy?\n\n## 来自 ChatGPT 的消息:\nso",
    "Chatbox": "# Sky\n\n## 1. Sky\n\n**user**: \n\n```\nwhy?\n```\n\n**assistant**: \n\n```\nso\n```\n\n\n\n--------------------\n\n",
    "Copilot for Obsidian": "---\nepoch: 5\n---\n\n**user**: why?\n\n**ai**: so",
    "ChatGPT MD": (
        'why?\n\n<hr class="__chatgpt_plugin">\n\n### role::assistant<span style="x"> (llama3)</span>\n\nso\n\n'
        '<hr class="__chatgpt_plugin">\n\n### role::user\n'
    ),
    "Nexus": "# Title: Sky\n\n>[!nexus_user] **User** - x\n> why?\n<!-- UID: 1 -->\n\n>[!nexus_agent] **Assistant**\n> so\n",
    "callouts": "> [!user]\n> why?\n\n> [!assistant]+ ChatGPT\n> so\n",
    "callouts with titles": "> [!info] You\n> why?\n\n> [!note] Claude\n> so\n",
    "bold names": "**User:** why?\n\n**ChatGPT:** so\n",
    "bold names alone": "_**User**_\n\nwhy?\n\n---\n\n_**Assistant**_\n\nso\n\n---\n",
    "prompts and responses": "# Sky\n\n## Prompt:\nwhy?\n\n## Response:\nso\n",
    "under one another": "### User, on 01/02/2024\n\nwhy?\n\n#### ChatGPT, on 01/02/2024\n\nso\n",
    "underlined": "User\n----\n\nwhy?\n\nAssistant\n---------\n\nso\n",
    "from the page itself": "##### You said:\nwhy?\n\n###### ChatGPT said:\nso\n",
    "right to left": "## المستخدم\n\nwhy?\n\n## المساعد\n\nso\n",
    "lines that end otherwise": "\ufeff## User\r\n\r\nwhy?\r\n\r\n## Assistant\r\n\r\nso\r\n",
}


@pytest.mark.parametrize("style", STYLES)
def test_each_form_says_who_speaks(style: str) -> None:
    assert said(only(STYLES[style]).conversation) == [("user", "why?"), ("assistant", "so")]


@pytest.mark.parametrize(
    "words",
    alike(
        3,
        [
            ("Mensagem De Você", "Mensagem De ChatGPT"),
            ("Fra dig", "Fra ChatGPT"),
            ("Správa od vás", "Správa od ChatGPT"),
            ("Uživatel", "ChatGPT"),
            ("Bruker", "ChatGPT"),
            ("사용자", "ChatGPT"),
            ("ব্যবহারকারী", "ChatGPT"),
            ("Kullanıcı", "ChatGPT"),
            ("رسالة منك", "رسالة من ChatGPT"),
            ("Zpráva od vás", "Zpráva z ChatGPT"),
            ("Sizin Mesajınız", "ChatGPT'nin Mesajı"),
            ("Pesan Dari Anda", "Pesan Dari ChatGPT"),
            ("Tin nhắn của bạn", "Tin nhắn từ ChatGPT"),
            ("Nachricht von dir", "Nachricht von ChatGPT"),
            ("來自您的訊息", "來自 ChatGPT 的訊息"),
            ("আপনার বার্তা", "চ্যাটজিপিটির বার্তা"),
        ],
    ),
)
def test_nextchat_writes_who_speaks_in_the_language_of_its_window(words: tuple[str, str]) -> None:
    person, model = words
    page = f"# Sky\n\n## {person}:\nwhy?\n\n## {model}:\nso"
    assert said(only(page).conversation) == [("user", "why?"), ("assistant", "so")]


def test_what_a_mask_of_nextchat_says_first_stands_first() -> None:
    """NextChat's exporter writes system messages and answers under the same heading."""
    head = "# Sky\n\n## Message From ChatGPT:\nBe brief.\n\n"
    page = f"{head}## Message From You:\nwhy?\n\n## Message From ChatGPT:\nso"
    draft = only(page)
    assert draft.conversation.title == "Sky"
    assert said(draft.conversation) == [("assistant", "Be brief."), ("user", "why?"), ("assistant", "so")]


NOTES = (
    "# Shopping\n\n- milk\n",
    "## User\n\nonly one speaks\n",
    "## Assistant\n\nonly one speaks\n",
    "## User stories\n\n## Assistant editors\n",
    "Talk of **User:** and **Assistant:** in one line.\n",
    "```\n## User\nx\n## Assistant\ny\n```\n",
    "- ## User\n- ## Assistant\n",
    "---\ntitle: x\n---\n",
)


@pytest.mark.parametrize("page", NOTES)
def test_a_file_that_is_no_conversation_is_refused_in_a_sentence(page: str) -> None:
    with pytest.raises(TransferError) as caught:
        detect("note.md", page.encode())
    assert "that say who is speaking" in caught.value.message
    with pytest.raises(TransferError, match="not valid JSON"):
        detect("note.json", page.encode())


def test_what_looks_like_a_speaker_in_a_message_stays_in_it() -> None:
    answer = "```\n## User\n```\n\n### User\n\n**User:** a\n\n> [!user]\n> b\n\n- ## Assistant\n\n    ## User"
    found = said(only(f"## User\n\nwhy?\n\n## Assistant\n\n{answer}\n").conversation)
    assert found == [("user", "why?"), ("assistant", answer)]


def test_properties_are_taken_and_others_are_counted() -> None:
    draft = only(
        "---\ntitle: 'Sky: it''s blue'\ncreated: 2025-01-02T03:04:05Z\nupdated: 2025-01-03\nmodel: gpt-4o\n"
        "tags: [work, \"a, b\", '#sky']\nkeywords:\n  - x\n  - y\nsystem: |\n  Be brief.\n\n  Always.\n"
        "api_key: sk-1234567890abcdef\nrating: 5\nnothing:\n---\n\n# Other\n\n## User\n\nwhy?\n\n## Assistant\n\nso\n"
    )
    found = draft.conversation
    assert (found.title, str(found.model)) == ("Sky: it's blue", "imported-markdown/gpt-4o")
    assert found.created_at == datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert found.updated_at == datetime(2025, 1, 3, tzinfo=UTC)
    assert draft.tags == ("work", "a, b", "sky", "x", "y")
    assert found.system == "Be brief.\n\nAlways."
    assert draft.losses == ("Unknown note properties and lines above the messages are left out (2)",)
    assert "sk-1234567890abcdef" not in repr(draft)


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("---\naliases: [First, second]\n---\n# Title: T\n", "First"),
        ("# Title: T\n", "T"),
        ("# T #1\n", "T #1"),
        ("---\ntitle: JSON: the basics\n---\n", "JSON: the basics"),
        ("", "Sky at noon"),
        ("---\nno properties\n---\n", "Sky at noon"),
        ("---\ntitle: unclosed\n", "Sky at noon"),
    ],
)
def test_a_title_is_found_wherever_it_stands(head: str, title: str) -> None:
    assert only(f"{head}\n## User\n\nwhy?\n\n## Assistant\n\nso\n").conversation.title == title


TIMES = [
    ("## User (2025-01-02 03:04:05)", datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)),
    ("## User [created:: 2025-01-02T03:04:05+01:00]", datetime(2025, 1, 2, 2, 4, 5, tzinfo=UTC)),
    ("## User, on 02/13/2025 at 3:04 PM", datetime(2025, 2, 13, 15, 4, tzinfo=UTC)),
    ("## User, on 13/02/2025 at 12:04 AM", datetime(2025, 2, 13, 0, 4, tzinfo=UTC)),
    ("## User - Sun Sep 24 08:24:29 2023", datetime(2023, 9, 24, 8, 24, 29, tzinfo=UTC)),
    (
        '## User\n<time datetime="2025-01-02T03:04:05.000Z" title="x">3:04</time>',
        datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC),
    ),
    ("## User\n*2025-01-02 03:04 +0200*", datetime(2025, 1, 2, 1, 4, tzinfo=UTC)),
    ("## User - 3. März 2025, 10:00:00 MEZ", datetime(2025, 3, 3, 9, tzinfo=UTC)),
    ("## User - 02/03/2025 at 3:04 PM", datetime(2025, 2, 3, 15, 4, tzinfo=UTC)),
    ("## User - 02/03/2025, 15:04", AT),  # which number is the day is ambiguous
    ("## User (99:99)", AT),
]


@pytest.mark.parametrize(("head", "at"), TIMES)
def test_a_message_has_the_time_that_the_file_tells(head: str, at: datetime) -> None:
    found = only(f"{head}\n\nwhy?\n\n## Assistant\n\nso\n").conversation
    assert (found.messages[0].created_at, found.messages[0].text) == (at, "why?")


def test_stamps_and_comments_below_a_message_are_not_its_words() -> None:
    page = (
        "**user**: why?\n[Timestamp: 2024/08/20 08:00:00]\n\n**ai**: so\n[Timestamp: 2024/08/20 08:00:05]\n<!-- x -->\n"
    )
    found = only(page).conversation
    assert said(found) == [("user", "why?"), ("assistant", "so")]
    assert [each.created_at.second for each in found.messages] == [0, 5]


THOUGHTS = [
    "<details>\n<summary>Thought for 5 seconds</summary>\n\nhm\n\n</details>\n\nso",
    '<div style="x">\n  <details style="y">\n    <summary>深度思考</summary>\n    hm\n  </details>\n</div>\n\nso',
    "> [!think]- Reasoning\n> hm\n\nso",
    "> *Reasoning*\n> hm\n\nso",
    "<think>\nhm\n</think>\n\nso",
    "*Thought for 2.3 seconds*\n\n> hm\n\nso",
    "**Thought for 7 seconds**\n\n### Thought Process\n\n> hm\n\nso",
]


@pytest.mark.parametrize("answer", THOUGHTS)
def test_thoughts_are_told_from_answers(answer: str) -> None:
    (_, found) = only(f"## User\n\nwhy?\n\n## Assistant\n\n{answer}\n").conversation.messages
    assert (found.reasoning.strip(), found.text.strip()) == ("hm", "so")


@pytest.mark.parametrize("answer", ["> Think\n\nso", "**Note**\n\n> hm\n\nso", "I think\n\n> hm"])
def test_what_an_answer_quotes_is_no_thought(answer: str) -> None:
    (_, found) = only(f"## User\n\nwhy?\n\n## Assistant\n\n{answer}\n").conversation.messages
    assert (found.reasoning, found.text) == ("", answer)


def test_what_is_folded_and_no_thought_stays() -> None:
    answer = "<details>\n<summary>More</summary>\n\nhm\n\n</details>\n\nso"
    (_, found) = only(f"## User\n\nwhy?\n\n## Assistant\n\n{answer}\n").conversation.messages
    assert found.text == answer
    assert not any(isinstance(part, ReasoningPart) for part in found.parts)


def test_files_are_named_once_and_counted() -> None:
    prompt = "why?\n\n![[a b.png|300]]\n\n![chart](files/c.png)\n\n- 📎 d.pdf\n\n```\n![[kept.png]]\n```"
    draft = only(f"## User\n\n{prompt}\n\n## Assistant\n\n![web](https://a.example/x.png)\n")
    asked, answered = draft.conversation.messages
    assert asked.text.endswith("[Attachment: a b.png]\n\n[Attachment: chart]\n\n[Attachment: d.pdf]")
    assert "![[kept.png]]" in asked.text
    assert answered.text == "![web](https://a.example/x.png)"
    assert draft.losses == ("Attachments: only their names are imported (3)",)


def test_an_attachment_in_a_callout_is_named() -> None:
    page = ">[!nexus_user] **User**\n> why?\n>>[!nexus_attachment] **a.pdf** (application/pdf)\n>>\n>> Gone.\n\n"
    draft = only(f"{page}>[!nexus_agent] **Assistant**\n> so\n")
    assert draft.conversation.messages[0].text == "why?\n\n[Attachment: a.pdf]"


def test_branches_survive_where_messages_name_their_parents() -> None:
    one, two, three = (f"aaa2f9f5-1033-4bbb-b532-f248e8b3dc8{number}" for number in range(3))
    page = (
        f"---\ntitle: T\n---\n\n(main branch ⎇)\n###### {one}\n# User\n\nwhy?\n\n"
        f"[child 1 ⬇️](#{two}) | [child 2 ⬇️](#{three})\n\n---\n\n"
        f"(main branch ⎇)\n###### {two}\n[parent ⬆️](#{one})\n# Assistant\n\nso\n\n---\n\n"
        f"(child of [x] ⎇)\n###### {three}\n[parent ⬆️](#{one})\n# Assistant\n\nor so\n\n---\n"
    )
    found = only(page).conversation
    assert [each.text for each in found.messages] == ["why?", "so", "or so"]
    assert {each.parent for each in found.messages[1:]} == {found.messages[0].id}
    assert said(found) == [("user", "why?"), ("assistant", "so")]


def test_models_of_answers_and_what_tools_say() -> None:
    page = "## System\n\nBe brief.\n\n## User\n\nwhy?\n\n## Tool\n\n1\n\n## 🤖 qwen-max | DashScope\n\nso\n\n"
    draft = only(f"{page}## User\n\nand?\n\n## Claude 3.5 Sonnet\n\nthus\n")
    assert draft.conversation.system == "Be brief."
    assert [each.model.name for each in draft.conversation.messages if each.model] == ["qwen-max", "Claude 3.5 Sonnet"]
    assert draft.losses == ("Tool calls and their results are left out (1)",)


def test_threads_of_one_file_are_conversations_of_their_own() -> None:
    page = STYLES["Chatbox"].replace(
        "--------------------", "## 2. Sea\n\n**user**: \n\n```\nand?\n```\n\n**assistant**: \n"
    )
    found = drafts(page.replace("## 1. Sky", "## 1. Sky"))
    assert [each.conversation.title for each in found] == ["Sky", "Sea"]
    assert said(found[1].conversation) == [("user", "and?")]


def test_ids_are_the_files_own_where_it_has_some_that_tell_it_from_others() -> None:
    body = "\n## User\n\nwhy?\n\n## Assistant\n\n{}\n"
    own = "---\nconversation_id: 688cf98f-8fe0-832e\n---\n" + body
    assert only(own.format("so")).conversation.id == only(own.format("thus")).conversation.id
    common = "---\nsource: ChatGPT\nid: 1\n---\n" + body
    assert only(common.format("so")).conversation.id != only(common.format("thus")).conversation.id


CHAT = STYLES["ChatGPT Exporter"]


def test_a_folder_is_looked_through_and_what_is_no_conversation_is_counted(tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    for name, text in {
        "b.md": CHAT,
        "in/a.markdown": CHAT.replace("so", "thus"),
        "note.md": "# x\n",
        "data.json": "{}",
        ".obsidian/c.md": CHAT,
        "picture.png": "x",
    }.items():
        (vault / name).parent.mkdir(parents=True, exist_ok=True)
        (vault / name).write_text(text)
    (tmp_path / "out.md").write_text(CHAT)
    (vault / "link.md").symlink_to(tmp_path / "out.md")
    sources = open_file(vault)
    assert [each.name for each in sources] == ["vault: b.md", "vault: in/a.markdown"]
    assert {each.archive for each in sources} == {"vault"}
    assert sources[0].notice == "Files without conversations are left out (2)."
    for each, answer in zip(sources, ("so", "thus"), strict=True):
        (draft,) = each.format.drafts(each.read(0), AT)
        assert said(draft.conversation)[1] == ("assistant", answer)
        each.close()
    assert sources[0].format.drafts(sources[0].read(0), AT)


def test_a_folder_with_nothing_to_import_or_too_much_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TransferError, match="no conversation files"):
        open_file(tmp_path)
    for number in range(3):
        (tmp_path / f"{number}.md").write_text(CHAT)
    with pytest.raises(TransferError, match="more than 2 files to import"):
        open_file(tmp_path, Limits(exports=2))
    with pytest.raises(TransferError, match="more than 2 files"):
        open_file(tmp_path, Limits(members=2))
    with pytest.raises(TransferError, match="larger"):
        open_file(tmp_path, Limits(size=100))
    with pytest.raises(TransferError, match="more than 2 conversations"):
        open_file(tmp_path, Limits(items=2))


def test_markdown_in_a_zip_is_read_where_nothing_is_named_conversations(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/Sky.md", CHAT)
        archive.writestr("README.md", "# x\n")
        archive.writestr("p.png", "x")
    (source,) = open_file(path)
    assert (source.name, source.notice) == (
        "x.zip: Sky.md",
        "Files without conversations are left out (1).",
    )
    (draft,) = source.format.drafts(source.read(0), AT)
    assert said(draft.conversation) == [("user", "why?"), ("assistant", "so")]


def test_markdown_that_is_too_large_to_be_read_line_by_line_is_refused() -> None:
    with pytest.raises(TransferError, match="the maximum for Markdown"):
        detect("x.md", CHAT.encode() + b"x" * MOST_BYTES)
