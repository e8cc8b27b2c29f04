"""The ranking's web page: all that the window says, safe whatever models are called, in any language."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from desktop.domain.conversation_types import now
from desktop.reports.ranking_html import PageWords, page
from desktop.reports.ranking_text import sentences
from desktop.text.phrases import Phrase
from desktop.voting.rank_votes import ranked
from desktop.voting.ranking import Ranking, RankingOptions
from desktop.voting.ranking_notices import notices
from desktop.voting.tally import VoteFilter, counted_votes
from desktop.voting.vote import best_of
from tests.desktop.voting.made import vote

EVIL = '<script>alert("x")</script>&'
VOID = {"meta", "line", "circle"}


class Reader(HTMLParser):
    """What stands in a page: its tags, all text, and tags that are not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def ranking(*names: str) -> Ranking:
    votes = [vote(*names[:2], number=number, prompt=f"p{number}", outcome=best_of(0)) for number in range(12)]
    return ranked(counted_votes(votes, VoteFilter()), RankingOptions())


ENGLISH = PageWords()


def written(of: Ranking, words: PageWords = ENGLISH) -> str:
    return page(of, sentences(of), notices(of), now(), words)


def test_it_says_what_can_be_claimed_with_figures_and_wins() -> None:
    found = Reader(written(ranking("lab/zebra", "lab/yak")))
    assert not found.open
    for said in ("lab/zebra is better than lab/yak.", "12 votes on 12 prompts", "Conclusions", "Both bad"):
        assert said in found.text
    assert (found.tags.count("svg"), found.tags.count("circle"), found.tags.count("table")) == (1, 2, 2)


def test_names_are_text_and_nothing_of_it_is_fetched_or_run() -> None:
    text = written(ranking(EVIL, "lab/yak"))
    found = Reader(text)
    assert EVIL in found.text
    assert {"script", "img", "link", "a", "iframe"}.isdisjoint(found.tags)
    assert "default-src 'none'" in text
    assert "http" not in text.replace("http-equiv", "")


def test_without_votes_there_is_no_picture() -> None:
    empty = ranked(counted_votes([], VoteFilter()), RankingOptions())
    assert {"svg", "table"}.isdisjoint(Reader(written(empty)).tags)


@pytest.mark.parametrize("is_rtl", [False, True])
def test_it_is_read_in_the_direction_of_its_language(*, is_rtl: bool) -> None:
    def said(words: Phrase) -> str:
        return f"*{words}"

    text = written(ranking("lab/zebra", "lab/yak"), PageWords("ar" if is_rtl else "de", is_rtl, said))
    assert f'<html lang="{"ar" if is_rtl else "de"}" dir="{"rtl" if is_rtl else "ltr"}">' in text
    assert "*Conclusions" in text
    first = text.index("<circle")
    assert (float(text[first:].split('cx="')[1].split('"')[0]) > 450) != is_rtl
