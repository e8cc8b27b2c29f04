"""`conversations export` of a comparison: its answers side by side as a page or as Markdown; a PDF is the window's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop.comparison import PaneState
from desktop.errors import TransferError, UsageError
from tests.desktop.terminal.conftest import Desk
from tests.desktop.transfer.comparison_page import samples


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
    assert "Wrote a comparison of 3 models to" in desk.err
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
    assert "- ✓ Best: gpt-6-sol · in sight of the names\n" in desk.out


async def test_comparisons_are_listed_with_their_ids(desk: Desk) -> None:
    assert await desk.run("conversations", "list", "--comparisons") == 0
    assert "Nothing is compared yet." in desk.err
    id_ = await keep(desk)
    desk.look()
    assert await desk.run("conversations", "list", "--comparisons") == 0
    assert desk.out.startswith(f"{id_}\t")
    desk.look()
    assert await desk.run("conversations", "list", "--comparisons", "--json") == 0
    (listed,) = json.loads(desk.out)
    assert (listed["id"], listed["conversations"]) == (id_, ["c0", "c1", "c2"])


async def test_a_pdf_is_the_windows(desk: Desk) -> None:
    id_ = await keep(desk)
    with pytest.raises(UsageError, match="PDF"):
        await desk.run("conversations", "export", id_, "--format", "pdf")


async def test_a_round_that_is_not_revealed_is_not_exported(desk: Desk) -> None:
    from random import Random

    from desktop.voting.blind_round import new_round

    states = [samples.conversation(pane, 1) for pane in range(2)]
    held = new_round([PaneState(conversation=each.id, model=each.model) for each in states], Random(1))
    store = await desk.services.store()
    await store.rounds.save(held, 0.0)
    with pytest.raises(TransferError, match="not revealed") as refused:
        await desk.run("conversations", "export", held.id, "--format", "html")
    assert "grok" not in str(refused.value)
