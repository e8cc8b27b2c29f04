"""The catalog: models found by any name a server uses, their price, life cycle and parameters."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest

from desktop.catalog.catalog import Catalog
from desktop.catalog.catalog_entry import PARAMETERS, Entry, LifeCycle, PriceStep, parse_parameter
from desktop.domain.conversation_types import Usage, Wire
from desktop.errors import UsageError
from desktop.system.paths import resources

SHIPPED = resources() / "catalog.toml"
TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.load(SHIPPED)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("grok-3-mini", "grok-3-mini"),
        ("Grok-3-Mini", "grok-3-mini"),
        ("Grok 3 mini", "grok-3-mini"),
        ("grok-3-mini-beta", "grok-3-mini"),
        ("grok-3", "grok-3"),
        ("gpt-4o-2024-11-20", "gpt-4o"),
        ("gpt-4o-mini-2024-07-18", "gpt-4o-mini"),
        ("gpt-4.1-2025-04-14", "gpt-4.1"),
        ("meta/Llama-3.3-70B-Instruct", "Llama-3.3-70B-Instruct"),
        ("Llama-3.1-8B-Instruct", "Meta-Llama-3.1-8B-Instruct"),
        ("smollm2", "smollm2"),
    ],
)
def test_a_model_is_found_by_the_names_servers_use(catalog: Catalog, name: str, found: str) -> None:
    entry = catalog.find(name)
    assert entry is not None
    assert entry.id == found


@pytest.mark.parametrize("name", ["my-deployment", "", "2024-11-20", "gpt-9", "grok-3-maxi"])
def test_other_names_are_not_guessed_at(catalog: Catalog, name: str) -> None:
    assert catalog.find(name) is None
    assert catalog.entry(name).context_window is None


def test_a_deployment_is_known_by_the_model_behind_it(catalog: Catalog) -> None:
    assert catalog.entry("gpt-4o", "prod-chat").id == "gpt-4o"
    assert catalog.entry(None, "prod-chat").id == "prod-chat"


def test_every_successor_is_in_the_catalog_and_alive(catalog: Catalog) -> None:
    for entry in catalog.entries:
        if entry.successor:
            successor = catalog.find(entry.successor)
            assert successor is not None, entry.id
            assert not successor.is_retired(TODAY), entry.id


def test_every_retired_model_says_since_when_and_what_replaces_it(catalog: Catalog) -> None:
    retired = [entry for entry in catalog.entries if entry.state is LifeCycle.RETIRED]
    assert {entry.id for entry in retired} >= {"grok-3", "grok-3-mini", "Meta-Llama-3.1-70B-Instruct"}
    assert all(entry.retired_on and entry.successor for entry in retired)


def test_a_model_is_retired_from_its_day_on(catalog: Catalog) -> None:
    entry = catalog.entry("gpt-4o")
    assert not entry.is_retired(date(2027, 4, 13))
    assert entry.is_retired(date(2027, 4, 14))


def test_parameters_named_in_the_catalog_are_declared(catalog: Catalog) -> None:
    named = {name for entry in catalog.entries for name in entry.parameters}
    assert named <= {*PARAMETERS}


def test_a_model_takes_what_it_lists_and_unknown_ones_take_anything(catalog: Catalog) -> None:
    mini = catalog.entry("grok-3-mini")
    assert not mini.takes("presence_penalty")
    assert mini.takes("reasoning_effort")
    assert mini.takes("some_vendor_extension")
    assert catalog.entry("unknown").takes("presence_penalty")


def test_cost_counts_input_output_and_reasoning_apart(catalog: Catalog) -> None:
    usage = Usage(input_tokens=1_000_000, output_tokens=100_000, reasoning_tokens=900_000, total_tokens=2_000_000)
    assert catalog.entry("grok-3-mini").cost(usage) == pytest.approx(0.25 + 1.27)


def test_cost_is_unknown_without_price_or_tokens(catalog: Catalog) -> None:
    assert catalog.entry("unknown").cost(Usage(input_tokens=1, output_tokens=1)) is None
    assert catalog.entry("gpt-4o").cost(Usage(input_tokens=1)) is None


def test_input_that_the_server_had_kept_costs_what_that_costs() -> None:
    entry = Entry(id="m", price_in=2.0, price_out=10.0, price_cached=0.2)
    usage = Usage(input_tokens=1_000_000, output_tokens=100_000, cached_tokens=750_000)
    assert entry.cost(usage) == pytest.approx(0.5 + 0.15 + 1.0)
    assert Entry(id="m", price_in=2.0, price_out=10.0).cost(usage) == pytest.approx(3.0)


@pytest.mark.parametrize(("sent", "cost"), [(100, 1.1), (101, 2.52), (201, 10.04)])
def test_a_long_request_costs_what_its_step_costs_as_a_whole(sent: int, cost: float) -> None:
    second = PriceStep(above=200, price_in=40_000, price_out=100_000)
    first = PriceStep(above=100, price_in=20_000, price_out=25_000)
    steps = (second, first)
    entry = Entry(id="m", price_in=10_000, price_out=5_000, price_steps=steps)
    assert entry.cost(Usage(input_tokens=sent, output_tokens=20)) == pytest.approx(cost)


def test_the_prices_of_a_list_of_ones_own_stand_alone(tmp_path: Path) -> None:
    own = tmp_path / "catalog.toml"
    own.write_text('[[models]]\nid = "gpt-5.4"\nprice_in = 1.0\n[[models]]\nid = "gpt-5.5"\nname = "Ours"\n')
    catalog = Catalog.load(SHIPPED, own)
    ours, named = catalog.entry("gpt-5.4"), catalog.entry("gpt-5.5")
    assert (ours.price_in, ours.price_out) == (1.0, 15.0)
    assert (ours.price_cached, ours.price_steps, ours.as_of) == (None, (), None)
    assert (named.name, named.price_cached, len(named.price_steps), named.as_of) == ("Ours", 0.5, 1, date(2026, 11, 26))


def test_the_shipped_catalog_says_as_of_when_and_what_models_take(catalog: Catalog) -> None:
    assert {entry.as_of for entry in catalog.entries} == {date(2026, 11, 26)}
    blind = {entry.id for entry in catalog.entries if entry.vision is False}
    assert {"Llama-3.3-70B-Instruct", "gpt-oss-120b", "grok-4.3"} <= blind
    assert not [entry.id for entry in catalog.entries if entry.files and not entry.vision]
    without_tools = {entry.id for entry in catalog.entries if entry.tools is False}
    llama = {"Llama-3.3-70B-Instruct", "Llama-4-Maverick-17B-128E-Instruct-FP8"}
    assert without_tools == {*llama, "mistral-medium-3-5", "smollm2"}
    stepped = [entry for entry in catalog.entries if entry.price_steps]
    assert stepped
    for entry in stepped:
        assert entry.context_window is not None
        assert all(
            step.above < entry.context_window and step.price_in > (entry.price_in or 0) for step in entry.price_steps
        )


@pytest.mark.parametrize(("said", "known"), [("true", True), ("false", False), ('"maybe"', None)])
def test_an_own_entry_may_say_what_a_model_supports(tmp_path: Path, said: str, known: bool | None) -> None:
    own = tmp_path / "catalog.toml"
    facts = "".join(f"{name} = {said}\n" for name in ("tools", "web_search", "structured_output"))
    own.write_text(f'[[models]]\nid = "house"\n{facts}')
    catalog = Catalog.load(SHIPPED, own)
    entry = catalog.entry("house")
    assert (entry.tools, entry.web_search, entry.structured_output) == (known, known, known)
    assert bool(catalog.notices) == (known is None)


def test_own_entries_are_laid_over_the_shipped_field_by_field(tmp_path: Path) -> None:
    own = tmp_path / "catalog.toml"
    own.write_text('[[models]]\nid = "GPT-4o"\nprice_in = 1.0\n[[models]]\nid = "house"\ncontext_window = 8000\n')
    catalog = Catalog.load(SHIPPED, own)
    assert (catalog.entry("gpt-4o").price_in, catalog.entry("gpt-4o").price_out) == (1.0, 10.0)
    assert catalog.entry("house").context_window == 8000
    assert catalog.notices == ()


@pytest.mark.parametrize(
    "text",
    [
        "[[models]\n",
        "models = 3\n",
        '[[models]]\nname = "no id"\n',
        '[[models]]\nid = "x"\nprice_in = "dear"\n',
        "a = " + "[" * 3000,
    ],
)
def test_a_broken_own_file_is_named_and_the_shipped_one_stands(tmp_path: Path, text: str) -> None:
    own = tmp_path / "catalog.toml"
    own.write_text(text)
    catalog = Catalog.load(SHIPPED, own)
    assert str(own) in catalog.notices[0]
    assert catalog.entry("gpt-4o").price_in == 2.5


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("temperature=1", "temperature", 1.0),
        ("max_tokens=20", "max_tokens", 20),
        ("stop=END", "stop", ["END"]),
        ('stop=["a", "b"]', "stop", ["a", "b"]),
        ("reasoning_effort=low", "reasoning_effort", "low"),
        ("top_k=40", "top_k", 40),
        ("mode=fast", "mode", "fast"),
        ("flag=true", "flag", True),
        pytest.param("mode=" + "[" * 9_999, "mode", "[" * 9_999, id="too deep"),
        ('mode="\udc80"', "mode", '"\udc80"'),
    ],
)
def test_a_parameter_is_read_in_its_own_type(text: str, name: str, value: object) -> None:
    assert parse_parameter(text) == (name, value)
    assert type(parse_parameter(text)[1]) is type(value)


@pytest.mark.parametrize(
    "text", ["temperature", "=1", "temperature=hot", "temperature=3", "max_tokens=0", "max_tokens=1.5", "seed=true"]
)
def test_a_parameter_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_parameter(text)


def test_an_entry_knows_nothing_by_itself() -> None:
    assert Entry(id="x").is_retired(TODAY) is False


def test_a_price_sheet_of_the_organisation_lies_on_top_and_must_be_there(tmp_path: Path) -> None:
    own, given = tmp_path / "own.toml", tmp_path / "given.toml"
    own.write_text('[[models]]\nid = "grok-3"\nprice_in = 0.0\nprice_out = 0.0\n[[models]]\nid = "mine"\n')
    given.write_text('[[models]]\nid = "grok-3"\nprice_in = 7.0\n')
    catalog = Catalog.load(SHIPPED, own, given)
    entry = catalog.entry("grok-3")
    assert (entry.price_in, entry.price_out) == (7.0, 0.0)
    assert catalog.find("mine") is not None
    missing = Catalog.load(SHIPPED, None, tmp_path / "nowhere.toml")
    assert str(tmp_path / "nowhere.toml") in missing.notices[0]


@pytest.mark.parametrize(
    ("name", "wire"),
    [
        ("gpt-5-pro-2025-10-06", Wire.RESPONSES),
        ("gpt-5.3-codex", Wire.RESPONSES),
        ("claude-opus-5.5", Wire.MESSAGES),
        ("claude-haiku-4-5-20251001", Wire.MESSAGES),
        ("gpt-5.5", Wire.AUTO),
        ("grok-4.7", Wire.AUTO),
    ],
)
def test_a_model_that_answers_over_one_wire_alone_is_known_by_it(catalog: Catalog, name: str, wire: Wire) -> None:
    assert catalog.entry(name).wire is wire


def test_the_shipped_catalog_is_kept_parsed_until_it_says_something_else(tmp_path: Path) -> None:
    shipped, kept = tmp_path / "shipped.toml", tmp_path / "kept"
    shipped.write_bytes((resources() / "catalog.toml").read_bytes())
    parsed, again = (Catalog.load(shipped, kept=kept).entries for _ in range(2))
    assert parsed == again == Catalog.load(shipped).entries
    assert kept.exists()
    shipped.write_text("[[models]]\nid = 'new'\n", "utf-8")
    assert [entry.id for entry in Catalog.load(shipped, kept=kept).entries] == ["new"]
    assert [entry.id for entry in Catalog.load(shipped, kept=kept).entries] == ["new"]


def test_a_flipped_bit_in_what_was_kept_parsed_changes_nothing(tmp_path: Path) -> None:
    shipped, kept = resources() / "catalog.toml", tmp_path / "kept"
    entries = Catalog.load(shipped, kept=kept).entries
    sound = kept.read_bytes()
    for place in random.Random(5).sample(range(len(sound)), 60):
        kept.write_bytes(sound[:place] + bytes([sound[place] ^ 0x80]) + sound[place + 1 :])
        assert Catalog.load(shipped, kept=kept).entries == entries
    assert kept.read_bytes() == sound


@pytest.mark.parametrize("content", [b"", b"\x93\xc4", b"x" * 100])
def test_what_lies_in_the_place_of_the_parsed_catalog_is_written_anew(tmp_path: Path, content: bytes) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(content)
    assert len(Catalog.load(resources() / "catalog.toml", kept=kept).entries) > 10
    assert kept.read_bytes() != content


def test_the_catalog_is_read_where_nothing_can_be_kept(tmp_path: Path) -> None:
    assert len(Catalog.load(resources() / "catalog.toml", kept=tmp_path / "missing" / "kept").entries) > 10
