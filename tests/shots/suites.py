"""The pictures of runs: what one shows, its cases, one of them, a review, a suite that is made, what it would take."""

from __future__ import annotations

import random

from desktop.domain.conversation_types import Figures, JsonValue
from desktop.domain.suite_cells import CellKey, CellRecord, CellStatus, Grade, RunState
from desktop.evals.execution.run_plan import new_run
from desktop.evals.suites.suite_file import suite_of
from tests.shots.compared import GPT, GROK, LLAMA
from tests.shots.pictures import picture
from tests.shots.stage import Stage
from ui.base.commands import Command
from ui.base.strings import tr
from ui.evals.runs_page import RunsPage

_RIGHT = {str(GPT): 0.95, str(GROK): 0.85, str(LLAMA): 0.55}
_CAPITALS = {
    "Australia": "Canberra", "Brazil": "Brasília", "Canada": "Ottawa", "Turkey": "Ankara", "Morocco": "Rabat",
    "Kazakhstan": "Astana", "Myanmar": "Naypyidaw", "Nigeria": "Abuja", "Pakistan": "Islamabad", "Vietnam": "Hanoi",
    "Switzerland": "Bern", "New Zealand": "Wellington", "Tanzania": "Dodoma", "Bolivia": "Sucre", "Ecuador": "Quito",
}  # fmt: skip


def suite() -> dict[str, JsonValue]:
    """Capitals that people often take for other towns."""
    return {
        "schema": "paragone-suite/1",
        "name": "Capitals",
        "prompts": ["What is the capital of {{country}}? Answer in one sentence."],
        "contenders": [{"model": model} for model in _RIGHT],
        "cases": [
            {"vars": {"country": country, "expected": city}, "tags": ["large" if len(country) > 7 else "small"]}
            for country, city in _CAPITALS.items()
        ],
        "graders": [{"type": "contains", "value": "{{expected}}"}],
        "repeats": 2,
        "limits": {"cost_usd": 2.0},
    }


async def carried_out(stage: Stage, seed: int = 5) -> RunsPage:
    """The page with such a run, answered by chance, the same each time."""
    store, chance = (await stage.services.store()).suite_runs, random.Random(seed)
    run = new_run(suite_of(suite()))
    await store.create(run)
    await store.take(run.id)
    for case, (country, city) in enumerate(_CAPITALS.items()):
        for contender, right in enumerate(_RIGHT.values()):
            for repeat in range(2):
                passed = chance.random() < right
                said = city if passed else "Not a town that I am sure of"
                why = f"The response contains {city}." if passed else f"It should hold {city}."
                grade = Grade(grader="contains", passed=passed, score=float(passed), reason=why)
                took = 900 * (contender + 1)
                record = CellRecord(
                    key=CellKey(case, contender, repeat),
                    status=CellStatus.PASSED if passed else CellStatus.FAILED,
                    score=float(passed),
                    answers=(f"The capital of {country} is {said}. It lies where most people live.",),
                    grades=(grade,),
                    figures=Figures(duration_ms=300.0 + chance.random() * took, cost=0.0004 * (3 - contender)),
                )
                await store.keep(run.id, record, spent=0.0004)
    await store.release(run.id, RunState.COMPLETE)
    stage.window.runs.toggle()
    [page] = stage.window.findChildren(RunsPage)
    await stage.until(lambda: len(page.results.summary.plot.rows) == len(_RIGHT))
    await stage.settle(0.5)
    return page


@picture("run")
@picture("run-dark", theme="dark")
@picture("run-narrow", size=(560, 800))
@picture("run-right-to-left", language="ar")
@picture("run-translated-150", size=(1067, 700), scale=1.5, language="de")
async def run_summary(stage: Stage) -> None:
    await carried_out(stage)


@picture("run-cases")
@picture("run-cases-dark", size=(1280, 800), theme="dark")
async def run_cases(stage: Stage) -> None:
    page = await carried_out(stage)
    page.results.parts.choose(1)
    await stage.until(lambda: page.results.cases.cells.summary(0, 0))


@picture("run-case", size=(1280, 800))
@picture("run-case-narrow", size=(560, 800))
@picture("run-case-translated-150", size=(1067, 700), scale=1.5, language="de")
async def run_case(stage: Stage) -> None:
    page = await carried_out(stage)
    page.results.parts.choose(1)
    await stage.until(lambda: page.results.cases.cells.summary(0, 0))
    page.results.cases.chosen.emit(2, 1)
    await stage.until(lambda: page.results.case.columns and page.results.case.columns[0].record)
    page.results.case.differences.click()


@picture("run-review", size=(1280, 800))
async def run_review(stage: Stage) -> None:
    page = await carried_out(stage)
    page.results.review()
    await stage.until(lambda: page.results.case.columns and page.results.case.columns[0].record)


@picture("run-form", size=(1280, 1100))
@picture("run-form-translated", size=(1000, 900), language="de")
async def run_form(stage: Stage) -> None:
    stage.window.runs.handlers[Command.NEW_RUN]()
    [page] = stage.window.findChildren(RunsPage)
    page.maker.form.show_data(suite())
    await stage.settle(0.5)


@picture("run-before", size=(1280, 800))
async def run_before(stage: Stage) -> None:
    await run_form(stage)
    await stage.press(tr("Next"))
    await stage.settle(0.5)


@picture("runs-compared", size=(1280, 800))
async def runs_compared(stage: Stage) -> None:
    await carried_out(stage)
    stage.window.runs.toggle()
    page = await carried_out(stage, seed=6)
    page.results.head.compare_wanted.emit()
    await stage.until(lambda: page.comparison.table.rows.rows)
