"""Proven models are the cheapest that are not worse, by kind of prompt, and are exported without addresses or keys."""

from __future__ import annotations

import csv
import io

import msgspec
import yaml

from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import Connection, Kind, ModelRef, new_id, now
from desktop.replay.proven import (
    EVERYTHING,
    ProofSource,
    ProvenModel,
    as_csv,
    as_litellm,
    cheapest,
    from_replays,
    from_votes,
)
from desktop.stats.noninferiority import SuccessorVerdict
from desktop.voting.contender import Contender
from desktop.voting.vote import Vote, best_of, tie
from tests.desktop.replay.test_replay_results import judged, results, reviews, with_judge
from tests.desktop.replay.test_review import plan

PRICES = {"a": 10.0, "b": 1.0}


def entry_of(model: ModelRef) -> Entry:
    price = PRICES.get(model.name)
    return Entry(id=model.name, price_in=price, price_out=price)


def vote(winner: int | None, *tags: str) -> Vote:
    return Vote(
        id=new_id(), at=now(), judge="you", comparison="c", turn="0", prompt="p",
        contenders=(Contender(model="lab/a"), Contender(model="lab/b")), answers=(),
        outcome=tie() if winner is None else best_of(winner), blind=True, tags=tags,
    )  # fmt: skip


def row(model: str, ratio: float | None, kind: str = EVERYTHING, number: int = 50) -> ProvenModel:
    return ProvenModel(
        kind=kind, of="lab/a", model=model, verdict=SuccessorVerdict.NOT_WORSE, number=number, theta=0.5, low=0.46,
        high=0.54, cost_ratio=ratio, evidence=ProofSource.REPLAY,
    )  # fmt: skip


def test_a_replay_proves_what_people_reviewed_and_not_what_a_judge_alone_says() -> None:
    planned = with_judge(plan(300))
    items = tuple(msgspec.structs.replace(item, kinds=("code",), cost=1.0) for item in planned.items)
    planned = msgspec.structs.replace(planned, items=items)
    (everything, code) = from_replays([results(planned, reviews(planned, 0.9))])
    assert (everything.kind, everything.verdict, everything.cost_ratio) == ("", SuccessorVerdict.BETTER, 0.5)
    assert (code.kind, code.number) == ("code", 300)
    assert not [*from_replays([results(planned, judged(planned, 0.9))])]
    assert not [*from_replays([results(planned, reviews(planned, 0.1))])]


def test_votes_prove_a_cheaper_model_by_tag() -> None:
    votes = [vote(1, "code") for _ in range(30)] + [vote(0) for _ in range(5)]
    found = {each.kind: each for each in from_votes(votes, entry_of)}
    assert set(found) == {EVERYTHING, "tag:code"}
    assert {(each.of, each.model) for each in found.values()} == {("lab/a", "lab/b")}
    assert found["tag:code"].number == 30
    assert found["tag:code"].saving == 0.9
    assert not [*from_votes([vote(0) for _ in range(30)], entry_of)][1:]


def test_the_cheapest_is_chosen_for_each_kind_and_unknown_costs_come_last() -> None:
    rows = cheapest([row("lab/x", 0.5), row("lab/y", 0.2), row("lab/z", None), row("lab/z", None, "code")])
    assert [(each.kind, each.model) for each in rows] == [("", "lab/y"), ("code", "lab/z")]


def test_the_table_is_exported_as_csv_without_formulas() -> None:
    rows = [*csv.DictReader(io.StringIO(as_csv([row("=lab/b", 0.25, "tag:=x")])))]
    assert [(each["of"], each["n"], each["saving"], each["evidence"]) for each in rows] == [
        ("lab/a", "50", "0.75", "replay")
    ]
    assert rows[0]["model"].startswith("'=")


def test_the_litellm_configuration_names_models_and_variables_and_no_address() -> None:
    kinds = {"lab": Kind.OPENAI_V1, "my azure": Kind.AZURE_INFERENCE, "embedded": Kind.EMBEDDED}

    def connection_of(name: str) -> Connection:
        return Connection(name=name, kind=kinds[name], url="https://secret.example")

    rows = [row("lab/b", 0.5), row("my azure/c", 0.4, "code"), row("embedded/d", 0.0, "long")]
    text = as_litellm(rows, connection_of)
    assert "secret" not in text
    assert yaml.safe_load(text) == {
        "model_list": [
            {
                "model_name": "a",
                "litellm_params": {
                    "model": "openai/b",
                    "api_base": "os.environ/LAB_API_BASE",
                    "api_key": "os.environ/LAB_API_KEY",
                },
            },
            {
                "model_name": "a/code",
                "litellm_params": {
                    "model": "azure_ai/c",
                    "api_base": "os.environ/MY_AZURE_API_BASE",
                    "api_key": "os.environ/MY_AZURE_API_KEY",
                },
            },
        ]
    }
