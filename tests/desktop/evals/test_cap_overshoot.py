"""What runs with a cap really spend, at 16 calls at once, whatever their servers count: at most one call too much."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import pytest

from desktop.catalog.catalog import Catalog
from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import JsonValue
from desktop.domain.suite_cells import CellStatus, RunState
from desktop.evals.execution.run_plan import RunPlan, new_run
from desktop.evals.suites.suite import SuiteLimits
from desktop.guards.gate import OpenGate
from desktop.settings.values import Settings
from tests.desktop.evals.run_desk import RunDesk, suite
from tests.servers.faults import FaultServer
from tests.servers.http1 import Received

USD = 0.001
"""Of a token."""

SEED = 1


class PaidGate(OpenGate):
    """Adds up what is counted in the monthly budget."""

    def __init__(self) -> None:
        self.paid = 0.0

    async def cost(self, usd: float, settings: Settings) -> None:
        self.paid += usd


@dataclass(frozen=True)
class Scenario:
    """`asked` are the words and the hidden tokens of the responses; `beyond` the USD by which the cap may be passed."""

    model: str
    asked: tuple[str, ...]
    cap: float
    beyond: float
    parameters: dict[str, JsonValue] | None = None
    max_output: int | None = None


SCENARIOS = {
    "max_tokens is honored": Scenario("meter", ("200", "150", "190") * 40, 10.0, 0.0, {"max_tokens": 200}),
    "max_tokens is the cap": Scenario("meter", ("100",) * 40, 0.3, 0.11, {"max_tokens": 1000}),
    "the catalog bounds it": Scenario("meter", ("200", "150") * 40, 10.0, 0.0, max_output=200),
    "hidden reasoning": Scenario("meter", ("10/20", *("10/800",) * 60), 3.0, 0.9, max_output=1000),
    "hidden beyond max_tokens": Scenario("meter", ("100/20", *("100/800",) * 60), 3.0, 1.0, {"max_tokens": 100}),
    "no bound is known": Scenario("meter", ("5", *("500", "400") * 30), 3.0, 0.6),
    "a gateway tells 1 token": Scenario("meter:1", ("2000",) * 40, 6.0, 2.6),
    "a cheaper model is named": Scenario("meter::cheap", ("300",) * 60, 3.0, 0.4),
    "a cheaper model is named, bounded": Scenario("meter::cheap", ("300",) * 60, 3.0, 0.0, {"max_tokens": 300}),
}


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
async def test_the_cap_is_passed_by_one_call_at_most_and_is_used_up(
    desk: RunDesk, server: FaultServer, scenario: Scenario
) -> None:
    known = Entry(id=scenario.model, price_in=USD * 1e6, price_out=USD * 1e6, max_output=scenario.max_output)
    catalog, gate = Catalog([known, Entry(id="cheap", price_in=1.0, price_out=1.0)]), PaidGate()
    made = RunDesk.over(desk.store, catalog, gate, lab=server.url)
    limits = SuiteLimits(cost_usd=scenario.cap, concurrency=16)
    words = _in_order(scenario.asked)
    asked = suite(f"lab/{scenario.model}", words=words, limits=limits, parameters=scenario.parameters, graders=())
    run = msgspec.structs.replace(new_run(asked), seed=SEED)
    await desk.store.suite_runs.create(run)
    end = await made.runner().run(run.id)
    spent = sum(map(_real, server.asked(scenario.model)))
    assert end.state is RunState.CAPPED
    assert 0.5 * scenario.cap < spent <= scenario.cap + scenario.beyond
    assert {each.status for each in made.kept} == {CellStatus.UNGRADED}
    assert len(made.kept) == len(server.asked(scenario.model))
    counted = (await desk.store.suite_runs.get(run.id)).spent
    assert gate.paid == pytest.approx(counted)
    assert counted >= 0.99 * spent
    await made.aclose()


def _in_order(asked: tuple[str, ...]) -> list[str]:
    """The words of the cases, which are shuffled, so that they are asked in this order."""
    plan = RunPlan(cases=len(asked), contenders=1, repeats=1, seed=SEED)
    words = {key.case: f"{number} {each}" for number, (key, each) in enumerate(zip(plan.keys(), asked, strict=True))}
    return [words[case] for case in range(len(asked))]


def _real(request: Received) -> float:
    """What a call really costs: by all tokens, at the price of the model that was asked."""
    asked = request.json
    words, _, hidden = asked["messages"][-1]["content"].rpartition(" ")[2].partition("/")
    made = min(int(words), asked.get("max_tokens") or int(words))
    return USD * (7 + made + int(hidden or 0))
