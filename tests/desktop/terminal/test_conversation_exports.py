"""`conversations export`: a comparison side by side, and PDF and DOCX, which a child without a display makes."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from desktop.domain.comparison import PaneState
from desktop.errors import TransferError, UsageError
from tests.desktop.reports import samples
from tests.desktop.terminal.conftest import Desk
from tests.desktop.transfer.export.test_report_export import room_for


async def keep(desk: Desk) -> str:
    conversations = [samples.conversation(pane, 2) for pane in range(3)]
    store = await desk.services.store()
    for each in conversations:
        await store.conversations.create(each)
    await store.comparisons.save(samples.comparison(conversations))
    await store.votes.add(samples.vote(conversations, 0, 1), samples.vote(conversations, 1, 1, blind=False))
    return "k1"


async def test_a_comparison_is_written_side_by_side(desk: Desk, tmp_path: Path) -> None:
    id_ = await keep(desk)
    assert await desk.run("conversations", "export", id_, "--format", "html", "--output", str(tmp_path / "a.html")) == 0
    assert "Exported a comparison of 3 models to" in desk.err
    page = (tmp_path / "a.html").read_text()
    assert page.count('<section class="turn"') == 2
    assert page.count("<td><p") == 6
    assert "2 votes were given in this comparison." in page
    assert (tmp_path / "a.html").stat().st_mode & 0o777 == 0o600


async def test_markdown_goes_to_standard_output(desk: Desk) -> None:
    id_ = await keep(desk)
    desk.look()
    assert await desk.run("conversations", "export", id_, "--format", "markdown") == 0
    assert desk.out.startswith("# Capital cities\n")
    assert "### 2 · gpt-6-sol\n" in desk.out
    assert "- ✓ Best: gpt-6-sol · with model names visible\n" in desk.out


async def test_comparisons_are_listed_with_their_ids(desk: Desk) -> None:
    assert await desk.run("conversations", "list", "--comparisons") == 0
    assert "There are no comparisons yet." in desk.err
    id_ = await keep(desk)
    desk.look()
    assert await desk.run("conversations", "list", "--comparisons") == 0
    assert desk.out.startswith(f"{id_}\t")
    desk.look()
    assert await desk.run("conversations", "list", "--comparisons", "--json") == 0
    (listed,) = json.loads(desk.out)
    assert (listed["id"], listed["conversations"]) == (id_, ["c0", "c1", "c2"])


@pytest.mark.slow
@pytest.mark.parametrize(("form", "begins"), [("pdf", b"%PDF-"), ("docx", b"PK")])
async def test_documents_are_made_without_a_display(desk: Desk, tmp_path: Path, form: str, begins: bytes) -> None:
    await keep(desk)
    for id_ in ("c0", "k1"):
        path = tmp_path / f"{id_}.{form}"
        assert await desk.run("conversations", "export", id_, "--output", str(path)) == 0
        assert path.read_bytes().startswith(begins)
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("form", ["pdf", "docx", "html"])
async def test_a_disk_that_fills_is_a_sentence_and_the_older_file_stays(desk: Desk, tmp_path: Path, form: str) -> None:
    await keep(desk)
    path = tmp_path / "fill" / f"a.{form}"
    path.parent.mkdir()
    path.write_bytes(b"older")
    with room_for(6_000), pytest.raises(TransferError, match="could not be written"):
        await desk.run("conversations", "export", "c0", "--output", str(path))
    assert path.read_bytes() == b"older"
    assert len([*path.parent.iterdir()]) == 1


async def test_a_document_needs_a_file_and_words(desk: Desk, tmp_path: Path) -> None:
    id_ = await keep(desk)
    with pytest.raises(UsageError, match="PDF exports require an output file"):
        await desk.run("conversations", "export", id_, "--format", "pdf")
    empty = msgspec.structs.replace(samples.conversation(0, 0), id="empty")
    await (await desk.services.store()).conversations.create(empty)
    for name in ("a.docx", "a.pdf"):
        with pytest.raises(TransferError, match="nothing to export"):
            await desk.run("conversations", "export", "empty", "--output", str(tmp_path / name))
        assert not (tmp_path / name).is_file()


async def test_all_branches_are_written_where_that_is_asked_for(desk: Desk) -> None:
    held = samples.conversation(0, 2)
    again = samples.message("again", "p0-1", "Another version.", samples.AT, held.model)
    held = msgspec.structs.replace(held, messages=(*held.messages, again))
    await (await desk.services.store()).conversations.create(held)
    for words, said in (((), False), (("--all-branches",), True)):
        desk.look()
        assert await desk.run("conversations", "export", "c0", "--format", "markdown", *words) == 0
        assert ("Another version." in desk.out) is said
        assert desk.out.count("Question 1: why?") == 1
    assert "# Capital cities (branch 2 of 2)" in desk.out
    assert desk.out.count("Question 2: why?") == 2  # an answer that was asked for again comes with its prompt


async def test_a_round_that_is_not_revealed_is_not_exported(desk: Desk) -> None:
    from random import Random

    from desktop.voting.blind_round import new_round

    states = [samples.conversation(pane, 1) for pane in range(2)]
    held = new_round([PaneState(conversation=each.id, model=each.model) for each in states], Random(1))
    store = await desk.services.store()
    await store.rounds.save(held, 0.0)
    with pytest.raises(TransferError, match="not been revealed") as refused:
        await desk.run("conversations", "export", held.id, "--format", "html")
    assert "grok" not in str(refused.value)
