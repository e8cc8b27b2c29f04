from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.markdown.text_segments import blocks
from ui.transcript.text.paragraphs import (
    PLAIN,
    Run,
    Style,
    StyledParagraph,
    after,
    clean,
    code_runs,
    common,
    is_rtl,
    units,
)
from ui.transcript.text.paragraphs import paragraphs as composed

BOLD = Style(bold=True)
EMOJI = "ℹ\ufe0f 1\ufe0f\u20e3 ™\ufe0f ©\ufe0f ‼\ufe0f *\ufe0f\u20e3"
RUNS = st.lists(st.tuples(st.text("ab👍", min_size=1, max_size=3), st.sampled_from([PLAIN, BOLD])), max_size=4)


def of(text: str) -> list[StyledParagraph]:
    return composed(blocks(text)[0])


def test_marks_become_styles() -> None:
    (paragraph,) = of("a **b *c*** ~~d~~ `e` [f](/g)[^1]\n\n[^1]: n")
    assert paragraph.runs == (
        ("a ", PLAIN),
        ("b ", BOLD),
        ("c", Style(bold=True, italic=True)),
        (" ", PLAIN),
        ("d", Style(struck=True)),
        (" ", PLAIN),
        ("e", Style(code=True)),
        (" ", PLAIN),
        ("f", Style(href="/g")),
        ("1", Style(raised=True)),
    )


def test_line_ends_break_the_line_as_hard_ones_do() -> None:
    assert "".join(text for text, _ in of("a\nb  \nc")[0].runs) == "a\u2028b\u2028c"


def test_lists_indent_and_hang_their_marks() -> None:
    first, second, third = of("9. a\n10. b\n    - c\n")
    assert first.shape.left == second.shape.left == first.shape.hang > 0
    assert third.shape.left == second.shape.left + third.shape.hang
    assert [paragraph.runs[0][0] for paragraph in (first, second, third)] == ["9.\t", "10.\t", "•\t"]


def test_items_that_define_a_link_say_so() -> None:
    one, two = of("- [1]: https://a.example\n- [10:00]: Breakfast")
    assert [text for text, _ in one.runs] == ["•\t", "[1]: ", "https://a.example"]
    assert "".join(text for text, _ in two.runs) == "•\t[10:00]: Breakfast"


def test_code_in_lists_and_quotations_has_its_name_above_it() -> None:
    mark, name = of("1. ```tsx src/page.tsx\n   x\n   ```")[0].runs
    assert (mark[0], name) == ("1.\t", ("src/page.tsx", Style(small=True, ink="muted")))
    assert [paragraph.runs[0][0] for paragraph in of("> ```json a.json\n> {}\n> ```")] == ["a.json", "{}"]
    assert [paragraph.runs[0][0] for paragraph in of("> ```json\n> {}\n> ```")] == ["{}"]


def test_an_item_without_text_shows_its_mark() -> None:
    assert [paragraph.runs[0][0] for paragraph in of("-\n- a\n")] == ["•\t", "•\t"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [("# a", "heading"), ("> a", "text"), ("$$a$$", "formula"), ("---", "rule"), ("[^1]: a", "note"), ("a", "text")],
)
def test_a_paragraph_stands_as(text: str, kind: str) -> None:
    assert of(text)[0].shape.kind == kind


def test_code_in_a_list_is_one_paragraph_a_line() -> None:
    assert [paragraph.shape.kind for paragraph in of("- a\n  ```\n  b\n\n  c\n  ```\n")] == ["text", *["code"] * 3]


@given(RUNS, RUNS)
def test_what_is_common_and_what_comes_after_make_the_whole(had: list[Run], wanted: list[Run]) -> None:
    kept = common(had, wanted)
    text = "".join(text for text, _ in wanted)
    rest = after(wanted, kept)
    assert text[:kept] + "".join(text for text, _ in rest) == text
    assert "".join(text for text, _ in had)[:kept] == text[:kept]


def test_a_formula_is_common_whole_or_not_at_all() -> None:
    formula = Style(formula="$", drawn=True)
    assert common([("a", PLAIN), ("x^2", formula)], [("a", PLAIN), ("x^2", formula), ("b", PLAIN)]) == 4
    assert common([("a", PLAIN), ("x^2", formula)], [("a", PLAIN), ("x^23", formula)]) == 1


@given(st.text())
def test_positions_are_counted_as_qt_counts_them(text: str) -> None:
    assert units(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2


@pytest.mark.parametrize(
    ("text", "rtl"),
    [("שלום", True), ("مرحبا hello", True), ("hello שלום", False), ("1. שלום", True), ("", False), ("日本 ש", False)],
)
def test_the_first_letter_gives_the_direction(text: str, rtl: bool) -> None:
    assert is_rtl(text) is rtl


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\u202eb", "a⟦RLO⟧b"),
        ("a\u200bb", "a⟦ZWSP⟧b"),
        ("\u2066", "⟦LRI⟧"),
        ("\u206a", "⟦U+206A⟧"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("❤\ufe0f", "❤\ufe0f"),
        ("❤\ufe0f\ufe0f", "❤\ufe0f⟦VS16⟧"),
        ("a\ufe0fb\ufe01", "a⟦VS16⟧b⟦VS2⟧"),
        ("a\U000e0100", "a⟦VS17⟧"),
        ("\U000e0061\U000e0001", "⟦TAG a⟧⟦U+E0001⟧"),
        ("\u3164\uffa0\u115f\u1160", "⟦HF⟧⟦HHF⟧⟦HCF⟧⟦HJF⟧"),
        ("\u2800\u034f", "⟦BLANK⟧⟦CGJ⟧"),
        ("plain", "plain"),
        ("", ""),
        (
            "ℹ\ufe0f 1\ufe0f\u20e3 ™\ufe0f ©\ufe0f ‼\ufe0f *\ufe0f\u20e3",
            "ℹ\ufe0f 1\ufe0f\u20e3 ™\ufe0f ©\ufe0f ‼\ufe0f *\ufe0f\u20e3",
        ),
        ("x1\ufe0f y 1\ufe0f2 ℹ\ufe0fx", "x1⟦VS16⟧ y 1⟦VS16⟧2 ℹ⟦VS16⟧x"),
        ("می\u200cخواهم ه\u200dم क्\u200dष", "می\u200cخواهم ه\u200dم क्\u200dष"),
        ("a\u200cb م\u200c a\u200cم", "a⟦ZWNJ⟧b م⟦ZWNJ⟧ a⟦ZWNJ⟧م"),
        ("⠓\u2800\u2800⠺ \u2800⠺ ⠓\u2800 a\u2800\u2800b", "⠓\u2800\u2800⠺ \u2800⠺ ⠓\u2800 a⟦BLANK⟧⟦BLANK⟧b"),
    ],
)
def test_hidden_characters_in_code_are_named(text: str, seen: str) -> None:
    assert "".join(text for text, _ in code_runs(text)) == seen


def test_what_a_document_cannot_hold_is_unknown() -> None:
    assert clean("a\0\ud800\ufdd0\u2029\ufffc\tb\n") == "a\ufffd\ufffd\ufffd\ufffd\ufffd\tb\n"


def test_neighbours_of_one_style_are_one_run() -> None:
    (block,) = blocks("<b>a</b> and <i>b</i>\nc & d **e** f $x$ $y$")
    (paragraph,) = composed(block)
    texts = [text for text, _ in paragraph.runs]
    assert texts[0] == "<b>a</b> and <i>b</i>\u2028c & d "
    assert texts[1:] == ["e", " f ", "x", " ", "y"]


def test_code_among_words_from_the_right_is_not_turned_round_and_gives_no_direction() -> None:
    (made,) = of("`./run.sh` הרץ את `--help` *עכשיו*")
    assert made.shape.rtl
    assert "".join(text for text, _ in made.runs) == "\u2066./run.sh\u2069 הרץ את \u2066--help\u2069 עכשיו"
    (english,) = of("run `--help`")
    assert "".join(text for text, _ in english.runs) == "run --help"


@pytest.mark.parametrize(
    ("source", "shown"),
    [("![](plots/figure1.png)", "figure1.png"), ("![](data:image/png;base64,AA/A)", "image"), ("![a](b.png)", "a")],
)
def test_a_picture_without_a_description_shows_its_files_name(source: str, shown: str) -> None:
    (made,) = of(source)
    assert [text for text, _ in made.runs] == [shown]
