"""The page of a comparison: everything in its place, and nothing of others' that runs, loads or is an address."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec
import pytest

from desktop.domain.comparison import PaneState
from desktop.domain.conversation_types import Conversation, ModelRef, Problem, Status
from desktop.domain.message_parts import FilePart, ReasoningPart, TextPart
from desktop.reports.comparison_report import ComparisonReport, report_of
from desktop.reports.ranking_html import PageWords
from desktop.reports.report_drawings import DrawnParts
from desktop.reports.report_html import HtmlReport
from tests.desktop.reports import samples
from tests.desktop.transfer.test_html import EVIL, seen


def page(report: ComparisonReport) -> str:
    made = HtmlReport(report, PageWords())
    turns = [part for number in range(len(report.turns)) for part in made.turn(made.prepared(number), DrawnParts())]
    return "".join((*made.head(), *turns, made.tail(0)))


def panes(number: int, turns: int = 1, texts: Sequence[str] = ()) -> list[Conversation]:
    return [samples.conversation(place, turns, texts=texts[place : place + 1]) for place in range(number)]


def with_answer(conversation: Conversation, **changes: object) -> Conversation:
    *before, last = conversation.messages
    return msgspec.structs.replace(conversation, messages=(*before, msgspec.structs.replace(last, **changes)))


def test_prompt_answers_figures_and_settings_are_there() -> None:
    conversations = panes(3, 2)
    made = page(samples.report(conversations, [samples.vote(conversations, 0, 2)]))
    assert made.count('<section class="turn"') == 2
    assert made.count("Question 1: why?") == 2  # in the list of turns too
    assert "✓ Best: claude-opus-5 · blind" in made
    assert "<td>1 of 1</td>" in made
    assert ">0.7</dd>" in made
    assert ">Answer briefly.</dd>" in made
    assert "same as for grok-4.7" in made
    assert re.search(r"TTFT \d+ ms · \d+ tok/s · \d+ tokens · total [\d,]+ ms · \$0", made)
    assert "by Paragone 1.2.3" in made
    assert "Each model received its own responses as history." in made


def test_nothing_is_claimed_that_the_ranking_does_not_claim() -> None:
    conversations = panes(2, 3)
    votes = [samples.vote(conversations, turn, 0) for turn in range(3)]
    made = page(samples.report(conversations, votes))
    assert "3 votes were given in this comparison." in made
    assert "These votes do not support any conclusion yet." in made
    assert "is better than" not in made
    assert "No votes were given in this comparison" in page(samples.report(conversations))


@pytest.mark.parametrize("evil", EVIL)
def test_nothing_runs_or_loads_whatever_is_in_it(evil: str) -> None:
    conversations = [
        msgspec.structs.replace(
            with_answer(
                each,
                parts=(ReasoningPart(text=evil), TextPart(text=evil), FilePart(sha256="0", media_type="x", name=evil)),
                problem=Problem(code="x", message=evil),
            ),
            model=ModelRef(connection=evil, name=evil),
            system=evil,
        )
        for each in panes(3)
    ]
    voted = msgspec.structs.replace(samples.vote(conversations, 0, 1), note=evil, judge=evil, tags=(evil,))
    found = seen(page(samples.report(conversations, [voted], evil)))
    assert not found.tags & {"script", "img", "iframe", "object", "embed", "link", "base", "form", "video", "audio"}
    assert not any(name.startswith("on") or name in ("src", "srcset", "background") for name in found.names)
    assert all(re.match(r"(https?://|mailto:|#t\d+$)", link) for link in found.links)


def test_the_browser_is_told_to_load_nothing() -> None:
    made = page(samples.report(panes(2)))
    assert "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'" in made
    style = made.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style


def test_no_address_is_told_of_an_error() -> None:
    hosts = ("https://contoso.openai.azure.com/x?k=1", "10.1.2.3:8000", "[fe80::1]:80", "localhost:8000")
    told = f"{', '.join(hosts)}, api.contoso.de refused 4.1"
    failed = with_answer(panes(1)[0], status=Status.FAILED, problem=Problem(code="x", message=told))
    made = page(samples.report([failed, *panes(2)[1:]]))
    assert not re.search(r"contoso|10\.1\.2|fe80|localhost", made)
    assert "foundry refused 4.1" in made
    assert '<span class="problem">failed</span>' in made


def test_two_answers_are_both_marked_and_more_only_against_the_first() -> None:
    texts = ("It is Canberra, near Sydney.", "It is Canberra, near Yass.", "It is Canberra, near Perth.")
    assert re.findall("<mark>(.*?)</mark>", page(samples.report(panes(2, 1, texts[:2])))) == ["Sydney", "Yass"]
    assert re.findall("<mark>(.*?)</mark>", page(samples.report(panes(3, 1, texts)))) == ["Yass", "Perth"]


def test_what_shares_little_is_not_marked_but_says_so() -> None:
    made = page(samples.report(panes(2, 1, ("It is Canberra.", "Nobody knows what others may think of this at all"))))
    assert "<mark>" not in made
    assert re.search("\\d+% of the words are the same as in grok-4.7", made)


def test_a_title_that_turns_text_round_turns_nothing() -> None:
    made = page(samples.report(panes(2), title="a\u202egnp.exe\u2066/../\n<b>"))
    assert "<title>a gnp.exe /../ &lt;b&gt;</title>" in made


def test_a_pane_that_was_deleted_or_never_asked_is_said() -> None:
    first, second = panes(2, 2)
    late = msgspec.structs.replace(second, messages=second.messages[:2], current=second.messages[1].id)
    comparison = samples.comparison([first, second, first])
    made = page(report_of(comparison, [first, late, None], (), version="1", at=samples.AT))
    assert "deleted or damaged" in made
    assert made.count("Not sent in this turn.") == 3


def test_panes_of_one_model_have_names_of_their_own_and_a_prompt_of_its_own_is_told() -> None:
    one = samples.conversation(0, 1)
    prompt, answer = one.messages
    other = msgspec.structs.replace(
        one, id="c9", messages=(msgspec.structs.replace(prompt, parts=(TextPart(text="Otherwise?"),)), answer)
    )
    made = page(samples.report([one, other]))
    assert "<bdi>grok-4.7 (1)</bdi>" in made
    assert "<bdi>grok-4.7 (2)</bdi>" in made
    assert "The prompt was different:" in made


def test_sixteen_panes_stand_in_four_bands() -> None:
    made = page(samples.report(panes(16)))
    assert made.count('<table class="band">') == 4
    assert made.count('class="pane') == 16
    assert "size: landscape" in made
    assert "size: portrait" in page(samples.report(panes(2)))


def test_an_empty_comparison_is_a_page_too() -> None:
    state = PaneState(conversation="", model=ModelRef(connection="lab", name="m"))
    empty = msgspec.structs.replace(samples.comparison([]), panes=(state,), title="")
    made = page(report_of(empty, [None], (), version="1", at=samples.AT))
    assert "<title>Untitled</title>" in made
    assert "0 turns" in made
