"""Round trips of Paragone's own Markdown: no message is split or lost."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.conversation_types import Conversation, Message, ModelRef, Problem, Role, Status
from desktop.domain.imported_models import model_of_text, model_text
from desktop.domain.message_parts import FilePart, ImagePart, Part, ReasoningPart, TextPart
from desktop.pages.inert_markdown import inert
from desktop.pages.markdown_page import export
from desktop.pages.written_prompts import as_meant, as_written
from desktop.reports.report_markdown import MarkdownReport
from desktop.transfer.format_detection import detect
from desktop.transfer.formats import paragone_markdown
from desktop.transfer.import_drafts import Draft
from tests.desktop.reports import samples
from tests.desktop.transfer.made import AT, said
from tests.examples import alike

MODEL = ModelRef(connection="lab", name="gpt-4.1")
NESTED = "Look:\n\n````md\n## You\n\n```py\n# code\nprint(1)\n```\n````\n\n    ## You\n\n- a\n  ## b\n\n> ## You"
RIGHT_TO_LEFT = "لماذا السماء زرقاء؟\n\n## عنوان\n\nנכון \u200fכן 🙂 空\u2028x"


def conversation(*spoken: Sequence[Part] | str, system: str = "", title: str = "Sky") -> Conversation:
    """Return a conversation of alternating prompts and answers."""
    messages: list[Message] = []
    for place, parts in enumerate(spoken):
        answered = bool(place % 2)
        messages.append(
            Message(
                id=f"m{place}",
                parent=messages[-1].id if messages else None,
                role=Role.ASSISTANT if answered else Role.USER,
                parts=(TextPart(text=parts),) if isinstance(parts, str) else tuple(parts),
                status=Status.COMPLETE,
                created_at=AT + timedelta(seconds=place),
                model=MODEL if answered else None,
            )
        )
    return Conversation(
        id="c",
        title=title,
        model=MODEL,
        created_at=AT,
        updated_at=AT,
        current=messages[-1].id if messages else None,
        system=system,
        messages=tuple(messages),
    )


def back(page: str) -> list[Draft]:
    """Return the conversations of a page."""
    source = detect("x.md", page.encode())
    return [draft for place in range(source.count) for draft in source.format.drafts(source.read(place), AT)]


def again(held: Conversation) -> Conversation:
    """Return a conversation after a round trip."""
    (draft,) = back(export([held]))
    return draft.conversation


@pytest.mark.parametrize(
    "answer", ["so", NESTED, "```\nopen", "$$\n\\frac{a}{b}\n$$", "| a |\n|---|\n| b |", "<div>\n\nx"]
)
@pytest.mark.parametrize("prompt", alike(3, ["why?", NESTED, "# one\n---\n===\n* * *\n\\# two", RIGHT_TO_LEFT]))
def test_what_was_said_comes_back(prompt: str, answer: str) -> None:
    found = again(conversation(prompt, answer, "and?", "thus", system="Be brief.", title="Sky # and 空"))
    assert (found.title, found.system, found.model) == ("Sky # and 空", "Be brief.", MODEL)
    assert [role for role, _ in said(found)] == ["user", "assistant"] * 2
    assert found.messages[0].text == prompt
    assert found.messages[1].text.startswith(inert(answer))
    assert said(found)[2:] == [("user", "and?"), ("assistant", "thus")]
    assert found.messages[1].model == MODEL
    assert found.created_at == AT


@given(st.text(alphabet="#=- \nab>`$*_\\~<[]:|\t", max_size=40))
def test_any_prompt_comes_back_as_it_was_written(prompt: str) -> None:
    assert as_meant(as_written(prompt)) == prompt
    if prompt.strip():
        assert len(again(conversation(prompt, "so")).messages) == 2


@given(st.lists(st.text(alphabet="#=- \nab>`$*_<!Y[", max_size=40).filter(str.strip), min_size=2, max_size=6))
def test_no_message_parts_or_swallows_another(texts: list[str]) -> None:
    held = conversation(*texts)
    assert [message.role for message in again(held).messages] == [message.role for message in held.messages]


def test_headings_in_answers_stay_on_the_levels_that_the_page_gave_them() -> None:
    first = again(conversation("why?", "# A\n\n## B\n\nx"))
    assert first.messages[1].text == "### A\n\n#### B\n\nx"
    assert again(first).messages[1].text == first.messages[1].text


def test_thoughts_files_and_failures_come_back() -> None:
    picture = ImagePart(sha256="0" * 64, media_type="image/png", name="a_b.png")
    file = FilePart(sha256="1" * 64, media_type="text/plain", name="notes [1].txt")
    held = conversation(
        [picture, file, TextPart(text="why?")], [ReasoningPart(text="hm\n\n> so"), TextPart(text="> x\n\nbecause")]
    )
    problem = Problem(code="x", message="The key was refused.")
    failed = msgspec.structs.replace(held.messages[1], status=Status.FAILED, problem=problem)
    (draft,) = back(export([msgspec.structs.replace(held, messages=(held.messages[0], failed))]))
    asked, answered = draft.conversation.messages
    assert asked.text == "why?\n\n[Attachment: a_b.png]\n\n[Attachment: notes [1].txt]"
    assert draft.losses == ("Attachments: only their names are imported (2)",)
    assert (answered.reasoning, answered.text, answered.status) == ("hm\n\n> so", "> x\n\nbecause", Status.FAILED)
    assert answered.problem is not None
    assert answered.problem.message == "The key was refused."


@pytest.mark.parametrize("status", [Status.STOPPED, Status.INTERRUPTED, Status.STREAMING])
def test_how_far_an_answer_got_comes_back(status: Status) -> None:
    held = conversation("why?", "becau")
    held = msgspec.structs.replace(
        held, messages=(held.messages[0], msgspec.structs.replace(held.messages[1], status=status))
    )
    found = again(held).messages[1]
    assert (found.text, found.status) == ("becau", Status.INTERRUPTED if status is Status.STREAMING else status)


def test_files_that_lie_beside_the_page_are_named() -> None:
    page = export([conversation("why?", "so")]).replace("why?", "![a\\_b.png](<x_files/a%20b.png>)\n\nwhy?")
    (draft,) = back(page)
    assert draft.conversation.messages[0].text == "why?\n\n[Attachment: a_b.png]"


def test_many_conversations_on_one_page_stay_apart() -> None:
    held = [conversation("why?", "so\n\n---\n\n# not one", title=f"T{number}") for number in range(3)]
    found = back(export([*held, conversation(title="Empty")]))
    assert [each.conversation.title for each in found] == ["T0", "T1", "T2", "Empty"]
    assert [said(each.conversation)[1][1] for each in found[:3]] == ["so\n\n---\n\n### not one"] * 3
    assert [each.is_empty for each in found] == [False, False, False, True]
    assert len({each.conversation.id for each in found}) == 4


def test_only_the_shown_branch_comes_back_and_that_is_said() -> None:
    held = conversation("why?", "so", "and?", "thus")
    source = detect("x.md", export([msgspec.structs.replace(held, current="m1")]).encode())
    assert "only the branch that was shown" in source.notice
    (draft,) = source.format.drafts(source.read(0), AT)
    assert said(draft.conversation) == [("user", "why?"), ("assistant", "so")]


def test_the_same_page_gives_the_same_ids_and_another_does_not() -> None:
    one, two = conversation("why?", "so"), conversation("why?", "so, or not")
    assert again(one) == again(one)
    assert again(one).id != again(two).id


@pytest.mark.parametrize("model", [MODEL, ModelRef(connection="imported-chatgpt", name="gpt-4o, imported from x")])
def test_a_model_is_read_as_it_is_named(model: ModelRef) -> None:
    assert model_of_text(model_text(model)) == model


def compared(*conversations: Conversation, say: Callable[[str], str] = str) -> list[Draft]:
    page = MarkdownReport(samples.report(conversations, [samples.vote(conversations, 0, 1)]), say)
    turns = range(max(len(each.messages) for each in conversations) // 2)
    return back("".join((*page.head(), *(part for number in turns for part in page.turn(number)))))


def test_the_panes_of_a_comparison_come_back() -> None:
    held = [samples.conversation(pane, 2) for pane in range(3)]
    found = compared(*held)
    assert [str(each.conversation.model) for each in found] == [
        f"imported-paragone-markdown/{name}" for name in samples.NAMES[:3]
    ]
    for draft, whole in zip(found, held, strict=True):
        again = draft.conversation
        assert (again.title, again.system) == ("Capital cities", "Answer briefly.")
        assert [(role, text.strip()) for role, text in said(again)] == [(r, t.strip()) for r, t in said(whole)]
        assert again.messages[1].reasoning == "Let me think."
        assert [each.created_at for each in again.messages[::2]] == [each.created_at for each in whole.messages[::2]]


def test_a_pane_that_was_not_asked_or_asked_otherwise_is_what_it_was() -> None:
    one, two = samples.conversation(0, 2), samples.conversation(1, 1)
    other = msgspec.structs.replace(two.messages[0], parts=(TextPart(text="Why *not*?"),))
    found = compared(one, msgspec.structs.replace(two, messages=(other, two.messages[1])))
    assert len(found[0].conversation.messages) == 4
    assert said(found[1].conversation)[0] == ("user", "Why *not*?")
    assert len(found[1].conversation.messages) == 2


def test_a_comparison_reads_the_same_in_the_words_of_earlier_versions() -> None:
    earlier = {
        "Not sent in this turn.": "Not asked in this turn.",
        "The prompt was different:": "It was asked otherwise:",
        "No response.": "No answer.",
    }
    met = set[str]()

    def say(sentence: str) -> str:
        met.add(str(sentence))
        return earlier.get(str(sentence), str(sentence))

    one, two, three = (samples.conversation(pane, turns) for pane, turns in ((0, 2), (1, 1), (2, 2)))
    other = msgspec.structs.replace(two.messages[0], parts=(TextPart(text="Why *not*?"),))
    held = (
        one,
        msgspec.structs.replace(two, messages=(other, two.messages[1])),
        msgspec.structs.replace(three, messages=three.messages[:3], current=three.messages[2].id),
    )
    now, then = (
        [[(each.role, each.text) for each in draft.conversation.messages] for draft in compared(*held, say=words)]
        for words in (str, say)
    )
    assert met >= {*earlier}
    assert then == now


def test_the_remarks_of_a_comparison_are_known_in_each_language() -> None:
    root = Path(__file__).resolve().parents[4] / "resources" / "i18n"
    for place, code in enumerate(("de", "ar"), 1):
        told = {each.findtext("source", ""): each.findtext("translation", "") for each in
                ET.parse(root / f"paragone_{code}.ts").iter("message")}  # fmt: skip
        assert told["Attached: {name}"] == f"{paragone_markdown.ATTACHED[place]}{{name}}"
        for known in (paragone_markdown.NOT_ASKED, paragone_markdown.ASKED_OTHERWISE, paragone_markdown.NO_ANSWER):
            assert told[known[0]] == known[place]
        assert told["Reasoning"] == paragone_markdown.REASONING[place]
        for state in ("stopped", "failed", "interrupted"):
            assert paragone_markdown.STATES[told[state]] is paragone_markdown.STATES[state]
