"""Tool cards in the transcript: streamed and stored, unfolded, found, copied, read and announced."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.domain.conversation_types import Message, Role, Status, new_id, now
from desktop.domain.events import ToolAnswered, ToolCalled, ToolWaiting
from desktop.domain.message_parts import (
    CitationPart,
    ImagePart,
    Part,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    ToolStatus,
)
from desktop.metrics.pace import Pace
from tests.desktop.markdown.splitting import cut
from tests.ui.transcript.conftest import Show
from tests.ui.transcript.list.test_flow_view import items
from tests.ui.transcript.makers import REF, heard, listed, prompt
from ui.base.theme import Themes
from ui.transcript.list.selection import Selection, TextPlace, as_text, whole
from ui.transcript.message.card_slab import CardSlab
from ui.transcript.message.row import Row
from ui.transcript.message.segments import Press
from ui.transcript.message.slabs import Slab
from ui.transcript.transcript_view import TranscriptView

NAME = QAccessible.Text.Name
CALL = ToolCallPart(id="1", name="get_current_time", arguments='{"timezone": "Asia/Tokyo"}', server="time")
RESULT = ToolResultPart(call="1", status=ToolStatus.OK, text='{"hour":17}', duration_ms=312.0)
OTHER = ToolCallPart(id="2", name="read_file", arguments='{"path": "a.txt"}', server="files")
FAILED = ToolResultPart(call="2", status=ToolStatus.ERROR, text="No such file", duration_ms=3.0)
LINE = 'get_current_time · time · {"timezone": "Asia/Tokyo"}'
ASKED: tuple[Part, ...] = (TextPart(text="Let me look."), CALL, RESULT, TextPart(text="It is five."))


def response(*parts: Part, status: Status = Status.COMPLETE) -> Message:
    """What the model said and called."""
    return Message(
        id=new_id(), parent=None, role=Role.ASSISTANT, parts=parts, status=status, created_at=now(), model=REF
    )


def draw(view: TranscriptView) -> None:
    while view._growing.draw_gathered():
        pass


def stream(view: TranscriptView, parts: Sequence[Part], size: int = 7) -> None:
    """Let parts come as a session reports them; a call without a result is still running."""
    calls: dict[str, ToolCallPart] = {}
    for part in parts:
        match part:
            case TextPart(text=text):
                for piece in cut(text, size):
                    view.text(piece)
            case ReasoningPart(text=text):
                view.reasoning(text)
            case ToolCallPart():
                calls[part.id] = part
                view.tool(ToolCalled(call=part))
            case ToolResultPart():
                view.tool(ToolAnswered(call=calls[part.call], result=part))
            case _:
                pass
    draw(view)


def streaming(show: Show, *parts: Part) -> TranscriptView:
    view = show([])
    view.begin(prompt("What time is it?"), "live", "scripted")
    stream(view, parts)
    return view


def seen(view: TranscriptView) -> list[str]:
    """The texts of the last message, from top to bottom."""
    width = listed(view).column[1]
    row = view.rows[-1]
    for slab in row.parts.body:
        slab.height(width)
    return [segment.text.strip("\n") for slab in row.parts.body for segment in slab.segments if segment.text]


def shape(row: Row, width: int) -> list[tuple[str, int]]:
    """What a row shows and how high it is, whatever slabs its text is divided into."""
    found: list[tuple[str, int]] = []
    for slab in row.parts.body:
        text, tall = "\n".join(segment.text for segment in slab.segments), slab.height(width)
        if not isinstance(slab, CardSlab) and found and found[-1][0].startswith("text:"):
            before, above = found[-1]
            found[-1] = (f"{before}\n{text}", above + tall)
        else:
            found.append((text if isinstance(slab, CardSlab) else f"text:{text}", tall))
    return found


def at(view: TranscriptView, number: int, press: Press) -> QPoint:
    """The point of a word or line that can be pressed, in the first part of a card that has it."""
    QApplication.processEvents()
    messages, card = listed(view), view.rows[-1].cards[number]
    left, width = messages.column
    for each in messages.placed:
        if isinstance(each.slab, CardSlab) and each.slab.card is card:
            top = each.top + each.slab.segment_top(0, width)
            for found, box in each.slab._made().boxes.items():
                if found is press:
                    return box.center() + QPoint(left + each.slab.inset(), top)
    raise AssertionError(f"no {press} in view")


def press(view: TranscriptView, number: int, what: Press = Press.FOLD) -> None:
    QTest.mouseClick(listed(view).viewport(), Qt.MouseButton.LeftButton, pos=at(view, number, what))


def test_a_call_is_a_folded_card_where_it_happened(show: Show) -> None:
    view = show([prompt("What time is it?"), response(*ASKED)])
    assert seen(view) == ["Let me look.", LINE, "It is five."]
    assert view.rows[-1].below == ""


def test_a_click_unfolds_and_folds_a_card_and_moves_nothing_above_its_end(show: Show) -> None:
    view = show([prompt("What time is it?"), response(*ASKED)])
    before = [(each.number, each.top) for each in listed(view).placed if each.row == 0 or each.number <= 2]
    press(view, 0)
    arguments, result = '{\n  "timezone": "Asia/Tokyo"\n}', '{\n  "hour": 17\n}'
    assert seen(view) == ["Let me look.", LINE, arguments, result, "It is five."]
    assert [(each.number, each.top) for each in listed(view).placed][: len(before)] == before
    press(view, 0)
    assert seen(view) == ["Let me look.", LINE, "It is five."]


TEXTS = [
    "Plain words.",
    "# A heading\n\n- a\n- b",
    "```python\nx = 1\n",  # a fence that is not closed before the call
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "\n\nA [link] and more.\n\n[link]: https://x.example\n",
    "<details>\n<summary>More</summary>\n\nHidden.",
    "1. one\n2. two\n",
    "",
    " \n",
]


@pytest.mark.parametrize("first", TEXTS)
@pytest.mark.parametrize("second", TEXTS)
@pytest.mark.parametrize("size", [1, 9])
def test_a_streamed_row_is_as_the_stored_one(show: Show, first: str, second: str, size: int) -> None:
    texts = [(TextPart(text=text),) if text else () for text in (first, second, first)]
    parts = (*texts[0], CALL, RESULT, *texts[1], OTHER, FAILED, ReasoningPart(text="Hm."), *texts[2])
    view = show([])
    view.begin(prompt("?"), "live", "scripted")
    stream(view, parts, size)
    row, width = view.rows[-1], listed(view).column[1]
    heads = [slab for slab in row.parts.body if isinstance(slab, CardSlab)]
    message = response(*parts)
    view.end(message)
    made = Row(message, "scripted", row.builder)
    assert (row.text, [card.at for card in row.cards]) == (made.text, [card.at for card in made.cards])
    assert shape(row, width) == shape(made, width)
    kept = [slab for slab in row.parts.body if isinstance(slab, CardSlab)]
    assert all(slab is head for slab, head in zip(kept, heads, strict=True)) or "[link]" in first + second


def test_a_note_is_known_beyond_a_call_in_code_that_is_not_closed(show: Show) -> None:
    parts = (TextPart(text="```\ncode"), CALL, RESULT, TextPart(text="Words[^1].\n\n[^1]: A note."))
    view = streaming(show, *parts)
    view.end(response(*parts))
    made = Row(response(*parts), "scripted", view.rows[-1].builder)
    assert view.rows[-1].spoken == made.spoken
    assert "[1] A note." in made.spoken


@pytest.mark.parametrize("last", [(), (TextPart(text="It is five."),)])
def test_sources_are_below_the_last_card(show: Show, last: tuple[Part, ...]) -> None:
    view = streaming(show, TextPart(text="Let me look."), CALL, RESULT, *last)
    message = response(TextPart(text="Let me look."), CALL, RESULT, *last, CitationPart(url="https://x.example"))
    view.end(message)
    assert seen(view)[-2:] == ["Sources", "1.\thttps://x.example"]
    row = view.rows[-1]
    assert shape(row, 600) == shape(Row(message, "scripted", row.builder), 600)


@pytest.mark.parametrize("hidden", [False, True])
def test_events_are_shown_in_the_order_in_which_they_came(show: Show, hidden: bool) -> None:
    view = show([])
    view.begin(prompt("?"), "live", "scripted")
    if hidden:
        view.hide()
    stream(view, (TextPart(text="One. " * 500), CALL, TextPart(text="Two."), OTHER, FAILED))
    texts = seen(view)
    assert "".join(texts).startswith("One. One.")
    assert texts[-3:] == [LINE, "Two.", 'read_file · files · {"path": "a.txt"}']
    assert [card.state(live=True)[0] for card in view.rows[-1].cards] == ["running …", "error · 3 ms"]


def test_a_caret_is_below_the_last_card_once_the_response_goes_on(show: Show) -> None:
    view = streaming(show, CALL)
    assert isinstance(view.rows[-1].parts.body[-1], CardSlab)
    stream(view, (CALL, RESULT))
    view = streaming(show, CALL, RESULT)
    assert not isinstance(view.rows[-1].parts.body[-1], CardSlab)
    stream(view, (OTHER,))
    assert all(isinstance(slab, CardSlab) for slab in view.rows[-1].parts.body)


def test_a_response_that_only_has_calls_is_not_called_empty(show: Show) -> None:
    view = streaming(show, ReasoningPart(text="Hm."), CALL, RESULT)
    view.end(response(ReasoningPart(text="Hm."), CALL, RESULT))
    assert seen(view) == [LINE]
    assert view.rows[-1].note == ""


def test_a_call_that_the_end_of_the_response_left_open_is_not_answered(show: Show) -> None:
    view = streaming(show, TextPart(text="Let me look."), CALL)
    view.end(response(TextPart(text="Let me look."), CALL, status=Status.STOPPED))
    assert view.rows[-1].cards[0].state(live=view.rows[-1].live)[0] == "not answered"


def test_approval_is_asked_for_and_given(show: Show) -> None:
    view = streaming(show, CALL)
    states = list[str]()
    for waiting in (True, False):
        view.tool(ToolWaiting(call="1", waiting=waiting))
        draw(view)
        states.append(view.rows[-1].cards[0].state(live=True)[0])
    assert states == ["waiting for approval", "running …"]


@pytest.mark.parametrize("event", [ToolWaiting(call="x", waiting=True), ToolAnswered(call=OTHER, result=FAILED)])
def test_what_happens_to_an_unknown_call_changes_nothing(show: Show, event: ToolWaiting | ToolAnswered) -> None:
    view = streaming(show, TextPart(text="Words."), CALL)
    before = seen(view)
    view.tool(event)
    draw(view)
    assert seen(view) == before


def test_an_edited_call_shows_the_arguments_that_were_used(show: Show) -> None:
    view = streaming(show, CALL)
    press(view, 0)
    used = ToolCallPart(id="1", name="get_current_time", arguments='{"timezone": "UTC"}', server="time", edited=True)
    view.tool(ToolAnswered(call=used, result=RESULT))
    draw(view)
    assert seen(view) == [
        'get_current_time · time · {"timezone": "UTC"}',
        '{\n  "timezone": "UTC"\n}',
        '{\n  "hour": 17\n}',
    ]
    assert view.rows[-1].cards[0].texts[0].label == "Arguments (edited by you)"


def test_a_chat_that_becomes_visible_during_a_call_shows_what_came(show: Show) -> None:
    view = show([])
    view.begin(prompt("?"), "live", "scripted")
    parts = (TextPart(text="Let me look."), CALL, RESULT, TextPart(text="And."), OTHER)
    view.so_far(parts, Pace(sent=0.0))
    view.tool(ToolWaiting(call="2", waiting=True))
    draw(view)
    assert seen(view) == ["Let me look.", LINE, "And.", 'read_file · files · {"path": "a.txt"}']
    assert [card.state(live=True)[0] for card in view.rows[-1].cards] == ["312 ms", "waiting for approval"]


def test_calls_with_the_same_id_have_their_own_results(show: Show) -> None:
    again = ToolResultPart(call="1", status=ToolStatus.OK, text="later", duration_ms=1.0)
    view = streaming(show, CALL, RESULT, CALL, again)
    assert [card.result for card in view.rows[-1].cards] == [RESULT, again]


def test_a_card_stays_unfolded_when_the_response_ends_and_when_the_colors_change(show: Show, themes: Themes) -> None:
    view = streaming(show, *ASKED)
    press(view, 0)
    unfolded = seen(view)
    view.end(response(*ASKED))
    view.end(response(*ASKED))
    themes.choose("dark")
    assert seen(view) == unfolded
    assert len(unfolded) == 5


def test_keys_unfold_and_fold_the_cards_of_the_message_with_the_focus(show: Show) -> None:
    view = show([prompt("?"), response(*ASKED)])
    messages = listed(view)
    messages.setFocus()
    messages.setCurrentIndex(messages.model().index(1, 0))
    counts = list[int]()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Space, Qt.Key.Key_Space):
        QTest.keyClick(messages, key)
        counts.append(len(seen(view)))
    assert counts == [5, 3, 5, 3]


def test_enter_reads_a_card_with_all_of_its_texts(show: Show) -> None:
    view = show([prompt("?"), response(*ASKED)])
    messages = listed(view)
    messages.setFocus()
    messages.setCurrentIndex(messages.model().index(1, 0))
    QTest.keyClick(messages, Qt.Key.Key_Return)
    text = view._reader().toPlainText()
    order = ["Let me look.", f"{LINE} · 312 ms", "Arguments", '  "timezone"', "Result", '"hour": 17', "It is five."]
    places = [text.index(each) for each in order]
    assert places == sorted(places)


@pytest.mark.parametrize(("words", "unfolds"), [("get_current", False), ("Tokyo", True), ("hour", True)])
def test_find_shows_a_hit_in_a_card(show: Show, words: str, unfolds: bool) -> None:
    view = show([prompt("?"), response(*ASKED)])
    view.mark(view.rows[-1].id, words)
    bar = view._find()
    assert len(bar._hits) == 1
    assert view.rows[-1].cards[0].unfolded is unfolds
    found = bar._shown
    assert found is not None
    segment = view.rows[-1].slabs[found.place.slab].segments[0]
    assert segment.text[found.place.position : found.end] == words


def test_find_goes_through_text_and_cards_from_top_to_bottom(show: Show) -> None:
    parts = (TextPart(text="word"), CALL, ToolResultPart(call="1", status=ToolStatus.OK, text="a word"))
    view = show([prompt("?"), response(*parts, TextPart(text="word\n\nword"))])
    view.mark(view.rows[-1].id, "word")
    assert [hit.card is not None for hit in view._find()._hits] == [False, True, False, False]


def test_find_shows_all_of_a_text_if_the_hit_is_beyond_its_beginning(show: Show) -> None:
    long = ToolResultPart(call="1", status=ToolStatus.OK, text="line\n" * 3_000 + "needle")
    view = show([prompt("?"), response(CALL, long)])
    view.mark(view.rows[-1].id, "needle")
    found = view._find()._shown
    assert found is not None
    assert view.rows[-1].slabs[found.place.slab].segments[0].text.endswith("needle")


def test_a_long_result_is_shown_in_part_until_all_of_it_is_wanted(show: Show) -> None:
    long = ToolResultPart(call="1", status=ToolStatus.OK, text="\n".join(f"line {n}" for n in range(2_000)))
    view = show([prompt("?"), response(CALL, long)])
    press(view, 0)
    assert "line 499" in "\n".join(seen(view))
    assert "line 500" not in "\n".join(seen(view))
    listed(view).to_end()
    press(view, 0, Press.MORE)
    assert seen(view)[-1].endswith("line 1999")


def test_copies_of_a_message_have_no_cards_and_those_of_a_selection_have_their_lines(show: Show) -> None:
    view = show([prompt("?"), response(*ASKED)])
    messages, row = listed(view), view.rows[-1]
    messages.copy(row)
    assert QGuiApplication.clipboard().text() == "Let me look.\n\nIt is five."
    messages.copy_markdown(row)
    assert QGuiApplication.clipboard().text() == "Let me look.\n\nIt is five."
    press(view, 0)
    last = len(row.slabs) - 2
    part = Selection(TextPlace(1, 1, 0, 4), TextPlace(1, last, 0, 2))
    lines = [f"{LINE} · 312 ms", "{", '  "timezone": "Asia/Tokyo"', "}", "{", '  "hour": 17', "}"]
    assert as_text(view.rows, part).split("\n") == ["me look.", "", *lines, "", "It"]
    messages.select(part)
    messages.copy()
    assert "Asia/Tokyo" in QGuiApplication.clipboard().mimeData().html()
    assert as_text(view.rows, whole(1, 1)) == "Let me look.\n\nIt is five."


def test_the_copy_button_copies_the_result_as_received(show: Show) -> None:
    evil = ToolResultPart(call="1", status=ToolStatus.OK, text='{"a": "\u202e"}')
    view = show([prompt("?"), response(ToolCallPart(id="1", name="x", arguments="{}"), evil)])
    press(view, 0)
    press(view, 0, Press.COPY)
    assert QGuiApplication.clipboard().text() == evil.text


def test_a_selection_stays_where_it_is_when_a_card_above_is_unfolded(show: Show) -> None:
    view = show([prompt("?"), response(*ASKED)])
    messages = listed(view)
    messages.select(Selection(TextPlace(1, 3, 0, 0), TextPlace(1, 3, 0, 5)))
    press_count = len(view.rows[-1].slabs)
    messages.fold_sections(view.rows[-1], on=False)
    assert len(view.rows[-1].slabs) == press_count + 2
    assert messages.selected_text == "It is"


def test_what_servers_send_is_shown_as_it_is_and_what_is_not_seen_by_name(show: Show) -> None:
    evil = "<b>x</b> [a](http://x.example) \u202eabc\u200b \x1b[31m"
    call = ToolCallPart(id="1", name="n\u202e", arguments=f'{{"a": "{evil}"}}', server="<i>\u2066")
    view = show([prompt("?"), response(call, ToolResultPart(call="1", status=ToolStatus.OK, text=evil))])
    press(view, 0)
    line, _, result = seen(view)
    assert line.startswith("\u2066n⟦RLO⟧\u2069 · \u2066<i>⟦LRI⟧\u2069 · ")
    assert result == "<b>x</b> [a](http://x.example) ⟦RLO⟧abc⟦ZWSP⟧ \ufffd[31m"
    assert not any(segment.link_at(QPoint(40, 5).toPointF()) for segment in view.rows[-1].parts.body[-1].segments)


def test_images_of_a_result_are_tiles_in_its_card_and_open(show: Show) -> None:
    images = [ImagePart(sha256=name, media_type="image/png", name=f"{name}.png", size=9) for name in "abc"]
    view = show([prompt("?"), response(CALL, RESULT, images[0], OTHER, FAILED, images[1], images[2])])
    row, messages = view.rows[-1], listed(view)
    assert row.own_files == []
    press(view, 1)
    asked = heard(messages.file_wanted)
    left, width = messages.column
    tiles = next(each for each in messages.placed if each.slab is row.parts.body[-1])
    box = next(QPoint(x, 40) for x in range(width) if tiles.slab.tile_at(QPoint(x, 40), width) == 2)
    QTest.mouseClick(messages.viewport(), Qt.MouseButton.LeftButton, pos=box + QPoint(left, tiles.top))
    assert [(opened, number) for opened, number, _ in asked] == [(row, 2)]
    assert row.files[2].name == "c.png"


def test_screen_readers_find_cards_between_the_blocks(show: Show) -> None:
    view = show([prompt("?"), response(*ASKED)])
    item = items(view)[-1]
    found = [item.child(number) for number in range(item.childCount())]
    said = "Tool call get_current_time, time, finished in 312 ms"
    assert [each.text(NAME) for each in found] == ["Let me look.", said, "It is five."]
    assert [found[1].child(number).text(NAME) for number in range(found[1].childCount())] == [
        'Arguments\n{\n  "timezone": "Asia/Tokyo"\n}',
        'Result\n{\n  "hour": 17\n}',
    ]
    assert item.text(NAME) == f"Let me look.\n{said}\nIt is five."


def test_screen_readers_are_told_of_a_call_while_it_streams(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    view = show([])
    told: list[str] = []
    monkeypatch.setattr(view.announcer, "_say", told.append)
    monkeypatch.setattr(type(view.announcer), "_is_heard", True)
    view.begin(prompt("?"), "live", "scripted")
    stream(view, (TextPart(text="Let me look"), CALL))
    view.tool(ToolWaiting(call="1", waiting=True))
    view.tool(ToolAnswered(call=CALL, result=RESULT))
    draw(view)
    assert [each.strip() for each in told if each.strip()] == [
        "Let me look",
        "Waiting for approval: get_current_time",
        "Tool call get_current_time, time, finished in 312 ms",
    ]
    item = items(view)[-1]
    assert [item.child(number).text(NAME) for number in range(item.childCount())][1] == told[-1]


def test_a_long_text_between_cards_is_split_only_when_it_is_seen(show: Show) -> None:
    long = "".join(f"Paragraph {n} of many words, and more of them.\n\n" for n in range(9_000))
    parts = (TextPart(text="First."), CALL, RESULT, TextPart(text=long), OTHER, FAILED, TextPart(text="Last."))
    view = show([prompt("?"), response(*parts)])
    row = view.rows[-1]
    listed(view).go_to_row(1)
    assert row.parts.rest > 100_000
    row.parts.unroll(60)
    assert row.parts.rest == 0
    starts = [slab.start for slab in row.parts.body if slab.start is not None]
    assert starts == sorted(starts)
    assert [slab.kind for slab in row.parts.body if isinstance(slab, CardSlab)] == [None, None]
    assert seen(view)[-2:] == ['read_file · files · {"path": "a.txt"}', "Last."]


def test_the_source_of_a_message_has_its_cards(show: Show) -> None:
    view = show([prompt("?"), response(TextPart(text="**Bold**"), CALL, RESULT, TextPart(text="*After*"))])
    view.rows[-1].toggle_source()
    assert seen(view) == ["**Bold**", LINE, "*After*"]


def test_a_message_without_calls_has_no_trace_of_cards(show: Show) -> None:
    view = show([prompt("?"), response(TextPart(text="Words."))])
    slabs: Sequence[Slab] = view.rows[-1].slabs
    assert not view.rows[-1].cards
    assert not any(isinstance(slab, CardSlab) for slab in slabs)


def test_the_current_hit_stays_marked_when_a_card_above_it_is_unfolded(show: Show) -> None:
    view = show([prompt("?"), response(*ASKED)])
    view.open_find()
    bar = view._find()
    bar.field.setText("five")
    bar._search()
    press(view, 0)
    found = bar._shown
    assert found is not None
    assert view.rows[-1].slabs[found.place.slab].segments[found.place.segment].text == "It is five."


def test_of_a_long_result_only_what_is_in_view_has_documents(show: Show) -> None:
    long = ToolResultPart(call="1", status=ToolStatus.OK, text="some words\n" * 90_000)
    view = show([prompt("?"), response(CALL, long, TextPart(text="After."))])
    press(view, 0)
    view.rows[-1].cards[0].whole.update(text.kind for text in view.rows[-1].cards[0].texts)
    listed(view).change_card(1, lambda: view.rows[-1].parts.update_card(view.rows[-1].cards[0]))
    made = [slab for slab in view.rows[-1].parts.body if isinstance(slab, CardSlab) and slab._segment is not None]
    assert len(view.rows[-1].parts.body) > 200
    assert len(made) < 10


@pytest.fixture
def mirrored(qapp: QApplication) -> Iterator[None]:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


@pytest.mark.usefixtures("mirrored")
def test_a_card_runs_from_right_to_left_with_the_window_and_json_does_not(show: Show) -> None:
    hebrew = ToolCallPart(id="1", name="x", arguments='["שלום"]', server="time")
    view = show([prompt("?"), response(hebrew, RESULT)])
    press(view, 0)
    middle = listed(view).column[1] / 2
    line, arguments = [slab for slab in view.rows[-1].parts.body if isinstance(slab, CardSlab)][:2]
    assert line.segments[0].rect_of(0).x() > middle
    assert arguments.segments[0].rect_of(4).x() < middle
    assert arguments._made().boxes[Press.COPY].center().x() < middle
