"""What models refused is learnt once, for later runs too, and forgotten where it no longer holds."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.catalog import learnt_models as module
from desktop.catalog.learnt_models import LearntInput, LearntWires
from desktop.domain.conversation_types import Connection, Kind, Wire
from desktop.domain.events import Notice
from tests.desktop.providers.asking import KEY, QUICK, SECRET, ask, make_of
from tests.servers.faults import FaultServer
from tests.servers.messages_streams import CLAUDE
from tests.servers.responses_streams import ONLY_RESPONSES

HERE = "http://127.0.0.1:1"


def test_what_was_learnt_is_known_to_later_runs_by_connection_server_and_model(tmp_path: Path) -> None:
    file = tmp_path / "wires.json"
    LearntWires(file).learn("a", HERE, "m", Wire.RESPONSES)
    LearntWires(file).learn("a", HERE, "n", Wire.MESSAGES)
    again = LearntWires(file)
    assert (again.get("a", HERE, "m"), again.get("a", HERE, "n")) == (Wire.RESPONSES, Wire.MESSAGES)
    assert again.get("b", HERE, "m") is again.get("a", "http://127.0.0.1:2", "m") is again.get("a", HERE, "o") is None
    assert file.stat().st_mode & 0o77 == 0
    again.forget("a", "m")
    assert (LearntWires(file).get("a", HERE, "m"), again.get("a", HERE, "n")) == (None, Wire.MESSAGES)
    again.forget("a")
    assert LearntWires(file).get("a", HERE, "n") is None


@pytest.mark.parametrize(
    "held",
    [
        b"",
        b"[",
        b"{}",
        b'[["a", "b"]]',
        b'[["a","b","c","telepathy"]]',
        b'[["a","http://127.0.0.1:1","m","auto"]]',
        b"\xff",
        b"9" * 5_000_000,
    ],
)
def test_a_broken_file_holds_nothing_and_is_written_anew(tmp_path: Path, held: bytes) -> None:
    file = tmp_path / "wires.json"
    file.write_bytes(held)
    wires = LearntWires(file)
    assert wires.get("a", HERE, "m") is None
    wires.learn("a", HERE, "m", Wire.RESPONSES)
    assert json.loads(file.read_bytes()) == [["a", HERE, "m", "responses"]]


def test_where_nothing_can_be_written_it_lasts_as_long_as_the_run(tmp_path: Path) -> None:
    wires = LearntWires(tmp_path / "gone" / "wires.json")
    wires.learn("a", HERE, "m", Wire.RESPONSES)
    assert wires.get("a", HERE, "m") is Wire.RESPONSES


def test_what_was_learnt_of_sight_is_known_to_later_runs(tmp_path: Path) -> None:
    LearntInput(tmp_path / "sight.json").learn("a", HERE, "m", value=False)
    again = LearntInput(tmp_path / "sight.json")
    assert (again.get("a", HERE, "m"), again.get("a", HERE, "n")) == (False, None)
    again.forget("a")
    assert LearntInput(tmp_path / "sight.json").get("a", HERE, "m") is None


def test_the_oldest_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 3)
    wires = LearntWires(tmp_path / "wires.json")
    for model in "abacd":
        wires.learn("c", HERE, model, Wire.RESPONSES)
    assert [model for model in "abcd" if wires.get("c", HERE, model)] == ["a", "c", "d"]


async def test_another_run_asks_at_once_where_the_model_answers(server: FaultServer, tmp_path: Path) -> None:
    connection = Connection(name="c", kind=Kind.OPENAI_V1, url=server.url)
    for run in range(2):
        provider = make_of(connection, SECRET, replace(QUICK, wires=LearntWires(tmp_path / "wires.json")))
        try:
            for model, wire in ((ONLY_RESPONSES, "responses"), (CLAUDE, "messages")):
                found = await ask(provider, model)
                assert found.reason == "stop"
                assert len(found.of(Notice)) == 1 - run
                assert server.asked(model)[-1].path.endswith(wire)
        finally:
            await provider.aclose()


async def test_a_wire_that_the_server_no_longer_has_is_left_for_chat_completions() -> None:
    async with FaultServer(key=KEY, responses=False) as server:
        wires = LearntWires()
        wires.learn("c", server.origin, "plain", Wire.RESPONSES)
        provider = make_of(
            Connection(name="c", kind=Kind.OPENAI_V1, url=server.url), SECRET, replace(QUICK, wires=wires)
        )
        try:
            first, second = await ask(provider, "plain"), await ask(provider, "plain")
        finally:
            await provider.aclose()
    assert (first.error, first.reason, second.reason) == (None, "stop", "stop")
    assert ([each.code for each in first.of(Notice)], second.of(Notice)) == (["wire_switched"], [])
    assert [each.path.rpartition("/")[2] for each in server.asked("plain")] == [
        "responses",
        "completions",
        "completions",
    ]
