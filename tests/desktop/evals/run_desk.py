"""A store, a gateway to a fault server and suites for the tests of what carries runs out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from desktop.catalog.catalog import Catalog
from desktop.catalog.catalog_entry import Entry
from desktop.credentials.keys import Keys
from desktop.domain.conversation_types import Auth, Connection, JsonValue, Kind, ModelRef
from desktop.domain.suite_cells import CellRecord, RunRecord
from desktop.evals.execution.run_limits import RunLimits
from desktop.evals.execution.run_plan import new_run
from desktop.evals.execution.run_work import RunEnd
from desktop.evals.execution.suite_runner import RunTools, SuiteRunner
from desktop.evals.suites.suite import Case, GraderSpec, Prompt, Suite, SuiteContender, SuiteLimits
from desktop.guards.gate import Gate
from desktop.net.options import Credential, NetworkOptions
from desktop.providers.provider import Provider
from desktop.session.gateway import Gateway
from desktop.settings.current import CurrentSettings
from desktop.settings.policy import Policy
from desktop.settings.values import Settings
from desktop.store.store import Store
from tests.desktop.credentials.fakes import none_found
from tests.desktop.providers.asking import make_of

PRICED = tuple(Entry(id=name, price_in=1_000.0, price_out=1_000.0) for name in ("echo", "long:20000", "long:1500"))
"""A tenth of a cent a token."""


class RealFactory:
    """Makes providers that reach a server."""

    def create(self, connection: Connection, credential: Credential, options: NetworkOptions) -> Provider:
        return make_of(connection, credential)

    def warm(self, kind: Kind) -> None:
        del kind


def suite(
    *models: str,
    prompts: Sequence[tuple[str, ...]] = (("say {{word}}",),),
    words: Sequence[str] = ("one", "two", "three"),
    graders: Sequence[GraderSpec] = (GraderSpec(type="contains", value="say"),),
    limits: SuiteLimits | None = None,
    repeats: int = 1,
    parameters: dict[str, JsonValue] | None = None,
) -> Suite:
    """Every model is asked to say every word."""
    return Suite(
        name="Words",
        prompts=tuple(Prompt(turns=turns) for turns in prompts),
        contenders=tuple(SuiteContender(model=ModelRef.parse(model), parameters=parameters or {}) for model in models),
        cases=tuple(
            Case(prompt=prompt, origin=line, vars={"word": word}, graders=tuple(graders), tags=(word,))
            for line, word in enumerate(words)
            for prompt in range(len(prompts))
        ),
        repeats=repeats,
        limits=limits or SuiteLimits(),
    )


@dataclass
class RunDesk:
    """Somebody who runs suites over a store, with a connection for each of some servers."""

    store: Store
    settings: CurrentSettings
    catalog: Catalog
    tools: RunTools
    kept: list[CellRecord] = field(default_factory=list[CellRecord])

    @classmethod
    def over(cls, store: Store, catalog: Catalog | None = None, gate: Gate | None = None, **servers: str) -> RunDesk:
        connections = tuple(
            Connection(name=name, kind=Kind.OPENAI_V1, url=url, auth=Auth.NONE) for name, url in servers.items()
        )
        settings = CurrentSettings(Settings(connections=connections))
        keys = Keys(service="test", environ={}, find=none_found)
        gateway = Gateway(settings=settings, keys=keys, factory=RealFactory(), options=NetworkOptions(), gate=gate)
        known = catalog or Catalog(PRICED)
        return cls(store, settings, known, RunTools(store, gateway, known, RunLimits(longest_rest_s=0.05)))

    def use(self, policy: Policy) -> None:
        self.settings.use(Settings(connections=self.settings().connections, policy=policy))

    def runner(self) -> SuiteRunner:
        return SuiteRunner(self.tools, listener=self.kept.append)

    async def plan(self, asked: Suite, *, unknown_prices: bool = False) -> RunRecord:
        run = new_run(asked, unknown_prices=unknown_prices)
        await self.store.suite_runs.create(run)
        return run

    async def run(self, asked: Suite, *, unknown_prices: bool = False) -> tuple[RunRecord, RunEnd]:
        run = await self.plan(asked, unknown_prices=unknown_prices)
        return run, await self.runner().run(run.id)

    async def aclose(self) -> None:
        await self.tools.gateway.aclose()
