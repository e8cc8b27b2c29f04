"""The larger token count is charged, at the price of the requested model unless the named one is dearer."""

from __future__ import annotations

import pytest

from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import JsonValue, Usage
from desktop.session.charge import charge_of, most_output

ONE = Entry(id="one", price_in=1e6, price_out=1e6, max_output=900)
CHEAP = Entry(id="cheap", price_in=1e3, price_out=1e3)
DEAR = Entry(id="dear", price_in=2e6, price_out=2e6)
UNKNOWN = Entry(id="unknown")


@pytest.mark.parametrize(
    ("told", "own", "usd"),
    [
        (Usage(input_tokens=10, output_tokens=20), Usage(input_tokens=5, output_tokens=5), 30),
        (Usage(input_tokens=1, output_tokens=1), Usage(input_tokens=10, output_tokens=2000), 2010),
        (None, Usage(input_tokens=10, output_tokens=20), 30),
        (Usage(input_tokens=1, output_tokens=2, reasoning_tokens=7, total_tokens=10), Usage(), 10),
    ],
)
def test_the_larger_count_is_charged(told: Usage | None, own: Usage, usd: float) -> None:
    assert charge_of(told, own, ONE, ONE).usd == pytest.approx(usd)


@pytest.mark.parametrize(
    ("requested", "named", "usd"),
    [(ONE, CHEAP, 10), (ONE, DEAR, 20), (UNKNOWN, CHEAP, 0.01), (ONE, UNKNOWN, 10), (UNKNOWN, UNKNOWN, None)],
)
def test_the_requested_price_is_charged_unless_the_named_one_is_dearer(
    requested: Entry, named: Entry, usd: float | None
) -> None:
    assert charge_of(Usage(input_tokens=4, output_tokens=6), Usage(), requested, named).usd == usd


@pytest.mark.parametrize(("own", "charged"), [(120, 100), (2000, 2000)])
def test_a_rough_count_a_little_above_the_bound_is_at_the_bound(own: int, charged: int) -> None:
    told = Usage(input_tokens=1, output_tokens=1)
    assert charge_of(told, Usage(output_tokens=own), ONE, ONE, 100).output_tokens == charged


@pytest.mark.parametrize(
    ("parameters", "most"),
    [({}, 900), ({"max_tokens": 50}, 50), ({"max_tokens": 50, "n": 5}, None), ({"temperature": 0.5}, 900)],
)
def test_the_bound_is_that_of_the_parameters_else_of_the_catalog(
    parameters: dict[str, JsonValue], most: int | None
) -> None:
    assert most_output(parameters, ONE) == most
