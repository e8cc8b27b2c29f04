"""The structure of answers as screen readers find it, also while they stream."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAccessible, QAccessibleInterface

from tests.ui.transcript.conftest import Show
from tests.ui.transcript.list.test_flow_view import items
from tests.ui.transcript.makers import answer, prompt
from ui.transcript.transcript_view import TranscriptView

NAME = QAccessible.Text.Name


def parts(view: TranscriptView) -> list[QAccessibleInterface]:
    """The parts of the last message."""
    item = items(view)[-1]
    return [item.child(number) for number in range(item.childCount())]


def names(found: list[QAccessibleInterface]) -> list[str]:
    """Roles and names of parts."""
    return [f"{each.role().name}: {each.text(NAME)}" for each in found]


def draw(view: TranscriptView) -> None:
    """Draw all that came."""
    while view._growing.draw_gathered():
        pass


def test_an_answer_has_its_blocks_as_parts_and_a_prompt_has_none(show: Show) -> None:
    view = show([prompt("# Why?"), answer("# So\n\nIt is **so**.\n\n- a\n- b\n\n```py\nx\n```\n\n$$x^3$$\n")])
    assert items(view)[0].childCount() == 0
    assert names(parts(view)) == [
        "Heading: So",
        "Paragraph: It is so.",
        "List: List, 2 items",
        "Section: Code, py, 1 line\nx",
        "Equation: x cubed",
    ]
    assert [parts(view)[2].child(place).text(NAME) for place in range(2)] == ["• a", "• b"]
    said = parts(view)[3].textInterface()
    assert said.text(0, said.characterCount()) == "x"


def test_while_an_answer_streams_its_parts_are_what_is_seen_and_those_that_are_complete_stay(show: Show) -> None:
    view = show([])
    view.begin(prompt("Why?"), "live", "scripted")
    view.text("## **So**\n\n" + "- **word** and `code`\n" * 300 + "- $x^2$ and **m")
    draw(view)
    heading = parts(view)[0]
    number = QAccessible.uniqueId(heading)
    assert heading.text(NAME) == "So"
    view.text("ore** of it")
    draw(view)
    assert QAccessible.uniqueId(parts(view)[0]) == number
    assert parts(view)[-1].child(parts(view)[-1].childCount() - 1).text(NAME) == "• x squared and more of it"
    said = items(view)[-1].textInterface()
    assert not any(sign in said.text(0, said.characterCount()) for sign in ("**", "`", "##", "$"))


def test_parts_go_with_their_message_and_with_what_they_said(show: Show) -> None:
    messages = [prompt("Why?"), answer("- a\n- b\n")]
    view = show(messages)
    inner = parts(view)[0].child(0)
    gone = [QAccessible.uniqueId(parts(view)[0]), QAccessible.uniqueId(inner)]
    view.show_messages(messages[:1])
    assert [QAccessible.accessibleInterface(each) for each in gone] == [None, None]


def test_a_part_that_changes_is_deleted_only_when_nobody_is_asking_it(show: Show) -> None:
    view = show([])
    view.begin(prompt("Why?"), "live", "scripted")
    view.text("One")
    view._growing.draw_gathered()
    old = QAccessible.uniqueId(parts(view)[0])
    view.text(" more")
    view._growing.draw_gathered()
    assert names(parts(view)) == ["Paragraph: One more"]
    assert QAccessible.accessibleInterface(old) is not None
    QCoreApplication.processEvents()
    assert QAccessible.accessibleInterface(old) is None


WRITTEN = """## The **end**

See **the** `code` of [it](https://a.example), $x^2$.

| a | b |
|---|---|
| 1 | **2** |

$$
x^3
$$

<details>
<summary>More</summary>

- a *b*
"""


def test_at_no_moment_of_a_stream_is_markdown_told_of(show: Show) -> None:
    view = show([])
    view.begin(prompt("Why?"), "live", "scripted")
    told: list[str] = []
    for letter in WRITTEN:
        view.text(letter)
        draw(view)
        told = [*names(parts(view)), items(view)[-1].text(NAME)]
        assert [each for each in told if any(sign in each for sign in ("#", "*", "`", "$", "<", "|", "]"))] == []
    assert "See the code of it, x squared." in told[-1]
