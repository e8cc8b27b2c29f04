"""A comparison as Markdown: headings in their order, and nothing of others' that becomes one."""

from __future__ import annotations

import msgspec

from desktop.domain.message_parts import TextPart
from desktop.pages.page_parser import page_parser
from desktop.reports.report_markdown import MarkdownReport
from tests.desktop.reports import samples


def written(conversations: list[samples.Conversation], title: str = "Capital cities") -> str:
    votes = [samples.vote(conversations, 0, 1)]
    page = MarkdownReport(samples.report(conversations, votes, title), str)
    return "".join(
        (*page.head(), *(part for number in range(len(conversations[0].messages) // 2) for part in page.turn(number)))
    )


def headings(text: str) -> list[tuple[str, str]]:
    tokens = page_parser().parse(text)
    return [(token.tag, tokens[at + 1].content) for at, token in enumerate(tokens) if token.type == "heading_open"]


def test_headings_are_the_turns_and_the_models() -> None:
    found = headings(written([samples.conversation(pane, 1) for pane in range(2)]))
    names = ["1 · grok-4.7", "2 · gpt-6-sol"]
    assert [text for tag, text in found if tag == "h2"] == ["Summary", "Settings", "Turn 1"]
    assert [text for tag, text in found if tag == "h3"] == [*names, "Prompt", *names]


def test_an_answer_swallows_nothing_that_follows_it_and_its_headings_are_below_its_models() -> None:
    texts = ("# Mine\n\n```\nopen", "[a][1] and <div>\n\n[1]: https://a.example", "[b][1]\n\n[1]: https://b.example")
    found = [samples.conversation(pane, 1, texts=[text]) for pane, text in enumerate(texts)]
    page = written(found)
    assert ("h4", "Mine") in headings(page)
    assert len([text for tag, text in headings(page) if tag == "h3"]) == 7
    assert "[a][1-" in page


def test_titles_and_prompts_make_no_headings_and_no_links() -> None:
    one = samples.conversation(0, 1)
    asked = msgspec.structs.replace(one.messages[0], parts=(TextPart(text="# Not one\n---"),))
    changed = [msgspec.structs.replace(one, messages=(asked, one.messages[1])), samples.conversation(1, 1)]
    page = written(changed, title="![x](https://h/x.png) | `a`\n# b")
    assert "![" not in page
    assert "Not one" not in [text for _, text in headings(page)]
    assert page.startswith("# \\!\\[x\\](https://h/x.png) \\| \\`a\\` \\# b\n")
