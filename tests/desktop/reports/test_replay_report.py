"""The report of a replay: the same contents in every format, nothing unescaped, and no server's address."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pypdfium2
import pytest
from markdown_it import MarkdownIt

from desktop.errors import TransferError
from desktop.replay.replay_results import Method, ReplayResults, read_results
from desktop.reports.ranking_html import PageWords
from desktop.reports.replay_document import DELETED
from desktop.reports.replay_report import ReplayReport, ReplayReportFormat, read_report
from desktop.reports.replay_text import control_texts, headline, method_text, qualification
from desktop.store.store import Store
from desktop.text.phrases import Phrase
from desktop.transfer.export.replay_export import write_report
from main import PAPER_SWITCH, child_command
from tests.desktop.reports.replay_samples import ANSWERS, JUDGE, NEW, OLD, OTHER, WORSE, stored_replay
from tests.desktop.reports.test_ranking_html import VOID, Reader
from tests.desktop.store.new_database import put_database

HTML, MD, JSON, PDF = (ReplayReportFormat(each) for each in ("html", "md", "json", "pdf"))
EVIL = '\n<script>alert("x")</script>\u202e&amp;<img src=http://evil.example>'
LOADING = ("script", "img", "link", "iframe", "object")
ADDRESS = "secret-host.example.com"


@pytest.fixture(autouse=True)
def known_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.desktop.reports.test_ranking_html.VOID", VOID | {"rect", "br"})


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(put_database(tmp_path / "data")) as opened:
        yield opened


async def reported(store: Store, run_id: str, words: PageWords | None = None) -> tuple[ReplayReport, ReplayResults]:
    results = await read_results(store, run_id)
    return await read_report(store, results, version="1.2", words=words), results


async def test_the_page_has_verdicts_figures_and_limits_of_every_successor(store: Store) -> None:
    report, results = await reported(store, await stored_replay(store, models=(NEW, OTHER), judge=JUDGE, reviewed=30))
    page = Reader(report.text(HTML))
    assert not page.open
    for result in results.successors:
        for said in (headline(results, result), method_text(results, result), *control_texts(results, result)):
            assert said in page.text
    for said in (
        OLD,
        NEW,
        OTHER,
        JUDGE,
        "corrected for 2 successors",
        "−62%",
        "rate_limited 1",
        "1,204: not sampled",
        "Seed",
    ):
        assert str(said) in page.text
    assert [tag for tag in page.tags if tag in LOADING] == []


@pytest.mark.parametrize(
    ("reviewed", "judge", "method"),
    [
        (None, "", Method.FIXED),
        (35, JUDGE, Method.PREDICTION_POWERED),
        (0, JUDGE, Method.JUDGE_ONLY),
        (0, "", Method.NONE),
    ],
)
async def test_each_method_is_told_in_all_text_formats(
    store: Store, reviewed: int | None, judge: str, method: Method
) -> None:
    report, results = await reported(store, await stored_replay(store, reviewed=reviewed, judge=judge))
    (result,) = results.successors
    assert result.method is method
    text = MarkdownIt("commonmark").enable("table").render(report.text(MD))
    for said in (headline(results, result), qualification(result), method_text(results, result)):
        assert said in Reader(report.text(HTML)).text
        assert said in unescape(text)


@pytest.mark.parametrize("form", [HTML, MD])
async def test_nothing_of_a_conversation_is_markup(store: Store, form: ReplayReportFormat) -> None:
    run_id = await stored_replay(store, conversations=8, prompt=EVIL, answer=EVIL)
    text = (await reported(store, run_id))[0].text(form)
    page = text if form is HTML else MarkdownIt("commonmark").enable("table").render(text)
    assert "alert(" in page
    assert "<script" not in page
    assert "<img" not in page


@pytest.mark.parametrize("form", [HTML, MD, JSON])
async def test_no_address_of_a_server_is_told(store: Store, form: ReplayReportFormat) -> None:
    run_id = await stored_replay(store, conversations=8)
    await store.replays.take(run_id)
    await store.replays.release(run_id, (await store.replays.summary(run_id)).state, f"https://{ADDRESS} refused it.")
    assert ADDRESS not in (await reported(store, run_id))[0].text(form)


async def test_a_deleted_conversation_says_so_and_the_rest_stays(store: Store) -> None:
    run_id = await stored_replay(store, conversations=8)
    await store.conversations.purge(["c001"])
    report, _ = await reported(store, run_id)
    assert report.text(HTML).count(DELETED) == 2  # in its heading, and instead of its texts
    assert DELETED in report.text(MD)
    first, second = json.loads(report.text(JSON))["verdicts"][0]["regressions"]
    assert (first["deleted"], first["prompt"], first["successor_answer"]) == (True, None, None)
    assert (second["deleted"], second["successor_answer"]) == (False, WORSE[3])


async def test_json_has_the_texts_of_regressions(store: Store) -> None:
    report, results = await reported(store, await stored_replay(store, conversations=8))
    found = json.loads(report.text(JSON))
    (verdict,) = found["verdicts"]
    assert (found["schema"], found["version"], found["id"]) == ("paragone-replay-report/1", "1.2", results.id)
    assert verdict["verdict"] == results.successors[0].code
    assert [(each["incumbent_answer"], each["successor_answer"]) for each in verdict["regressions"]] == [
        (ANSWERS[1], WORSE[1]),
        (ANSWERS[3], WORSE[3]),
    ]


async def test_the_page_is_in_the_words_and_the_direction_of_its_language(store: Store) -> None:
    def say(words: Phrase) -> str:
        return f"«{words.template}»"

    report, _ = await reported(store, await stored_replay(store, conversations=8), PageWords("ar", True, say))
    page = report.text(HTML)
    assert '<html lang="ar" dir="rtl">' in page
    assert "«Clearest regressions»" in page
    assert "Clearest regressions" not in page.replace("«Clearest regressions»", "")


@pytest.mark.slow
async def test_a_pdf_is_made_without_a_display(store: Store, tmp_path: Path) -> None:
    report, results = await reported(store, await stored_replay(store, models=(NEW, OTHER)))
    path = tmp_path / "report.pdf"
    await write_report(report, PDF, path, paper_command=child_command(PAPER_SWITCH))
    assert path.read_bytes().startswith(b"%PDF-")
    pages = pypdfium2.PdfDocument(path)
    text = " ".join("".join(page.get_textpage().get_text_range() for page in pages).split())
    assert len(pages) > 2
    for result in results.successors:
        assert headline(results, result) in text


@pytest.mark.parametrize("form", [HTML, MD, JSON])
async def test_a_file_is_readable_by_its_owner_only(store: Store, tmp_path: Path, form: ReplayReportFormat) -> None:
    report, _ = await reported(store, await stored_replay(store, conversations=8))
    path = tmp_path / f"report.{form}"
    await write_report(report, form, path)
    assert path.read_text("utf-8") == report.text(form)
    assert path.stat().st_mode & 0o777 == 0o600


async def test_an_older_file_stays_if_no_pdf_can_be_made(store: Store, tmp_path: Path) -> None:
    report, _ = await reported(store, await stored_replay(store, conversations=8))
    path = tmp_path / "report.pdf"
    path.write_bytes(b"older")
    with pytest.raises(TransferError, match="could not start the process"):
        await write_report(report, PDF, path, paper_command=["/nowhere"])
    assert path.read_bytes() == b"older"
