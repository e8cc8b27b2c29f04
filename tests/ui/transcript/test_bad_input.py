"""Whatever a message holds, the window lives: no step of showing it takes long, and nothing of it is lost."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import pytest
from markdown_it.token import Token
from PySide6.QtWidgets import QApplication

from tests.examples import alike
from tests.ui.transcript.conftest import Show
from tests.ui.transcript.makers import answer, listed, prompt, turns
from tests.ui.waiting import until
from ui.transcript import caret_reader
from ui.transcript.caret_reader import CaretReader
from ui.transcript.list.selection import as_markdown, as_text
from ui.transcript.list.selection import whole as all_of
from ui.transcript.message.body_slab import BodySlab
from ui.transcript.message.long_text import MOST_BLOCKS
from ui.transcript.message.slabs import LongSlab
from ui.transcript.transcript_view import TranscriptView

DEEP = 50_000
STRETCH_S = 1.0
"""Aimed at is a tenth; the rest is room for slow machines."""

TEXTS = {
    "quotes": ">" * DEEP,
    "brackets": "[" * DEEP,
    "emphasis": "*a " * DEEP,
    "items": "- " * DEEP + "x",
    "line": "x" * 1_000_000,
    "table": "| a | b |\n|---|---|\n" + "".join(f"| {n} | row *of* it |\n" for n in range(5_000)),
    "list": "".join(f"- item {n}\n" for n in range(6_000)),
    "fence": "```python\n" + "".join(f"value_{n} = compute({n}, 'text')\n" for n in range(20_000)),
    "line-of-code": "```js\n" + "var a=1;" * 50_000 + "\n```\n",
    "nuls": "a\0b\n\n" * 3_000,
    "surrogates": "a\ud800 b\udfff\n\n" * 3_000,
    "combining": "e" + "\u0301" * 100_000,
    "blocks": ("Some *text*.\n\n" * 40 + "```\n" + "code\n" * 400 + "```\n\n") * 400,
}

GREATEST = "blocks"


class Watch:
    """The longest that the thread was busy without a pause."""

    def __init__(self) -> None:
        self.longest = 0.0

    def __call__(self, what: Callable[[], object]) -> None:
        before = time.thread_time()
        what()
        self.longest = max(self.longest, time.thread_time() - before)


def documents(view: TranscriptView) -> int:
    """How many segments there are in the view's answers."""
    slabs = [slab for row in view.rows for slab in row.parts.body]
    return sum(len(slab.segments) for slab in slabs if isinstance(slab, BodySlab) and slab.is_made)


def whole(view: TranscriptView) -> str:
    """The last answer's text, as its slabs have it."""
    return "".join(slab.source for slab in view.rows[-1].parts.body if isinstance(slab, BodySlab))


@pytest.mark.parametrize("name", alike(6, TEXTS))
@pytest.mark.slow
async def test_a_stored_message_is_shown_in_short_steps_and_whole(show: Show, name: str) -> None:
    text = TEXTS[name]
    watch = Watch()
    view = show([prompt("Hello?"), answer("Yes.")])
    watch(lambda: view.show_messages([prompt("Hello?"), answer(text)]))

    def unrolled() -> bool:
        watch(QApplication.processEvents)
        return not view.rows[-1].parts.rest

    await until(unrolled, timeout_s=40)
    for _ in range(20):
        watch(lambda: (listed(view).scroll_by(-300), QApplication.processEvents()))
    assert watch.longest < STRETCH_S
    assert whole(view).replace("\ufffd", "\0").split() == text.split()
    assert documents(view) < 40 * MOST_BLOCKS


@pytest.mark.parametrize("name", alike(3, ["table", "nuls", "fence", "list", "combining"]))
@pytest.mark.slow
async def test_what_comes_at_once_is_drawn_bit_by_bit(show: Show, name: str) -> None:
    text = TEXTS[name][:50_000]
    watch = Watch()
    view = show([])
    view.begin(prompt("Hello?"), "live", "scripted")
    watch(lambda: view.text(text))
    assert len(view.rows[-1].text) < len(text)

    def drawn() -> bool:
        watch(QApplication.processEvents)
        return len(view.rows[-1].text) == len(text)

    await until(drawn, timeout_s=40)
    watch(lambda: view.end(answer(text)))
    assert watch.longest < STRETCH_S
    assert whole(view).strip() == text.replace("\0", "\ufffd").strip()


def test_an_end_that_comes_before_all_is_drawn_shows_the_whole_answer(show: Show) -> None:
    view = show([])
    view.begin(prompt("Hello?"), "live", "scripted")
    view.text("Some *text*.\n\n" * 20_000)
    view.to_end()
    view.end(answer("Some *text*.\n\n" * 20_000))
    assert view.rows[-1].text.count("Some") == 20_000
    assert view.at_end


def test_the_slab_that_is_read_stays_while_a_long_text_is_cut(show: Show) -> None:
    view = show([prompt("Hello?"), answer(TEXTS["table"]), prompt("And?"), *[answer("Yes. " * 900)]])
    messages = listed(view)
    messages.scroll_by(-100_000)
    row = view.rows[1]
    assert isinstance(row.parts.body[0], BodySlab) or row.parts.rest
    first = messages.placed[0]
    before = len(row.slabs)
    messages.slabs_change(1, lambda: row.parts.unroll(0.05))
    assert len(row.slabs) > before
    assert any(isinstance(slab, LongSlab) for slab in row.slabs)
    assert (messages.placed[0].slab, messages.placed[0].top) == (first.slab, first.top)


def test_a_long_text_that_nobody_looks_at_is_not_cut(show: Show) -> None:
    view = show([prompt("Hello?"), answer(TEXTS["table"]), prompt("And?"), answer("Yes.\n\n" * 300)])
    assert not view.rows[1].parts.made or view.rows[1].parts.rest > 200_000
    assert view._builder.wanted == {}


async def all_cut(view: TranscriptView) -> None:
    """Look at the end of a long message until all of it is cut."""
    listed(view).scroll_by(-10)
    await until(lambda: (listed(view).to_end(), not view.rows[-1].parts.rest)[1], timeout_s=40)


@pytest.mark.parametrize("name", alike(1, ["table", "list"]))
@pytest.mark.slow
async def test_what_nobody_sees_of_a_long_text_keeps_no_tokens(show: Show, name: str) -> None:
    view = show([answer(TEXTS[name])])
    await all_cut(view)
    gc.collect()
    tokens = sum(isinstance(each, Token) for each in gc.get_objects())
    seen = documents(view)
    assert tokens < 30 * max(seen, MOST_BLOCKS * 8)
    slab = next(slab for slab in view.rows[-1].parts.body if isinstance(slab, BodySlab) and not slab.is_made)
    assert "".join(block.source for block in slab.blocks) == slab.source


async def test_a_long_message_is_copied_without_laying_it_out(show: Show) -> None:
    text = "Some *text* in a paragraph.\n\n" * 4_000
    view = show([answer(text)])
    await all_cut(view)
    before = documents(view)
    copied = as_text(view.rows, all_of(0, 0))
    assert copied.count("paragraph.") == as_markdown(view.rows, all_of(0, 0)).count("paragraph.") == 4_000
    assert documents(view) == before


def test_a_message_that_is_not_cut_yet_is_copied_whole(show: Show) -> None:
    text = "Some *text* in a paragraph.\n\n" * 20_000
    view = show([answer(text), prompt("And?")])
    listed(view).to_end()
    assert view.rows[0].parts.rest
    assert as_markdown(view.rows, all_of(0, 0)).count("paragraph.") == 20_000


async def test_a_long_message_is_read_with_a_caret_in_short_steps(show: Show) -> None:
    text = "Some *text* in a paragraph.\n\n" * 2_000
    view = show([answer(text)])
    listed(view).open_wanted.emit(view.rows[0])
    reader = view.findChild(CaretReader)
    assert isinstance(reader, CaretReader)
    assert reader.toPlainText().count("paragraph.") < 2_000
    await until(lambda: reader.toPlainText().count("paragraph.") == 2_000, timeout_s=40)
    reader.close_reader()


async def test_a_reader_that_comes_later_to_what_is_not_cut_yet_goes_on(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caret_reader, "_FILL_S", 0.0)
    monkeypatch.setattr(caret_reader, "_FILL_MS", 0)
    text = ("word " * 500 + "end.\n\n") * 150
    view = show([answer(text), *turns(10)])
    listed(view).open_wanted.emit(view.rows[0])
    reader = view.findChild(CaretReader)
    assert isinstance(reader, CaretReader)
    assert view.rows[0].parts.rest
    await until(lambda: reader.toPlainText().count("end.") == 150, timeout_s=20)
    reader.close_reader()


def test_code_that_was_never_in_view_is_copied_as_the_rest_is(show: Show) -> None:
    lines = "\n".join(f"x{number} = {number}" for number in range(1_200))
    view = show([answer(f"Look:\n\n```python\n{lines}\n```\n\nThat *is* it."), *turns(10)])
    listed(view).to_end()
    listed(view).select(all_of(0, 0))
    assert view.rows[0].slabs
    assert view.rows[0].parts.rest
    assert listed(view).selected_text == f"Look:\n\n{lines}\n\nThat is it."
    assert not view.rows[0].parts.rest


def test_of_very_long_code_that_was_in_view_in_part_no_fence_is_copied(show: Show) -> None:
    lines = "\n".join(f"x{number} = {number}" for number in range(4_000))
    view = show([answer(f"```python\n{lines}\n```\n"), *turns(10)])
    listed(view).to_end()
    assert as_text(view.rows, all_of(0, 0)) == f"```python\n{lines}\n```"
    assert [slab.segments for slab in view.rows[0].parts.body]
    assert as_text(view.rows, all_of(0, 0)) == lines
    assert "\n```" in as_markdown(view.rows, all_of(0, 0))
