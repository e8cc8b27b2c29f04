"""Presets in the workspace: for one pane or all that take part, with what each model takes, named in the composers."""

from __future__ import annotations

import pytest

from desktop.catalog.catalog import Catalog
from desktop.catalog.catalog_entry import Entry
from desktop.domain.comparison import PaneState, new_comparison
from desktop.domain.conversation_types import ModelRef, Parameters
from desktop.presets.preset import Preset
from desktop.presets.presets import Presets
from desktop.services import Services
from desktop.settings.schema import SYSTEM_PROMPT
from tests.desktop.session.fakes import REF
from tests.ui.transcript.makers import heard
from tests.ui.waiting import until
from ui.composer.prompt import Prompt
from ui.workspace.workspace import Workspace

POET = Preset(
    id="poet",
    title="Poet",
    system="Rhyme.",
    parameters=Parameters(values={"temperature": 1.0, "reasoning_effort": "medium", "top_k": 4}),
)
CLERK = Preset(id="clerk", title="Clerk", system="Be brief.")
COOL = ModelRef(connection="lab", name="cool")


@pytest.fixture(autouse=True)
def presets(services: Services) -> Presets:
    services.presets = Presets(lambda: [POET, CLERK])
    services.catalog = Catalog([Entry(id="cool", parameters=("reasoning_effort",), efforts=("low", "high"))])
    return services.presets


def compare(workspace: Workspace) -> None:
    workspace.show_comparison(new_comparison(tuple(PaneState(conversation="", model=ref) for ref in (REF, COOL))), {})


def apply(workspace: Workspace, preset: Preset | None) -> None:
    workspace.composer.line.preset.click()
    workspace.presetting.popover.chosen.emit(preset, {})


def systems(workspace: Workspace) -> list[str]:
    return [pane.conversation.system for pane in workspace.line]


def test_all_that_take_part_are_told(workspace: Workspace) -> None:
    compare(workspace)
    told = heard(workspace.presetting.applied)
    apply(workspace, POET)
    assert systems(workspace) == ["Rhyme.", "Rhyme."]
    assert workspace.composer.line.preset.text() == "Preset: Poet"
    assert len(told) == 1


def test_each_model_is_sent_only_parameters_that_it_takes(workspace: Workspace) -> None:
    compare(workspace)
    apply(workspace, POET)
    first, second = (pane.conversation.parameters.values for pane in workspace.line)
    assert first == POET.parameters.values
    assert second == {"top_k": 4}


def test_a_pane_whose_chip_is_off_is_left_alone_and_has_its_own(workspace: Workspace) -> None:
    compare(workspace)
    workspace.common._toggle(1)
    apply(workspace, POET)
    assert systems(workspace) == ["Rhyme.", ""]
    workspace.line[1].composer.line.preset.click()
    workspace.presetting.popover.chosen.emit(CLERK, {})
    assert systems(workspace) == ["Rhyme.", "Be brief."]
    assert workspace.line[1].composer.line.preset.text() == "Preset: Clerk"
    assert workspace.composer.line.preset.text() == "Preset: Poet"
    workspace.common._toggle(1)
    assert workspace.composer.line.preset.text() == "Preset: multiple"


def test_what_the_user_set_stays_and_what_the_old_preset_set_goes(workspace: Workspace) -> None:
    pane = workspace.line[0]
    pane.start_new(REF)
    pane.set_prompting("", Parameters(values={"seed": 1}))
    pane.composer.line.preset.click()
    popover = workspace.presetting.popover
    popover.chosen.emit(POET, {})
    popover.chosen.emit(CLERK, {})
    assert pane.conversation.parameters.values == {"seed": 1}


def test_none_brings_the_prompt_of_the_settings_back(workspace: Workspace, services: Services) -> None:
    services.use(services.settings.set(SYSTEM_PROMPT, "Be kind."))
    compare(workspace)
    apply(workspace, POET)
    apply(workspace, None)
    assert systems(workspace) == ["Be kind.", "Be kind."]
    assert workspace.composer.line.preset.text() == "Preset"


def test_an_edited_system_prompt_is_no_preset_any_more(workspace: Workspace) -> None:
    compare(workspace)
    apply(workspace, POET)
    for pane in workspace.line:
        pane.set_prompting("Rhyme, but not much.", pane.conversation.parameters)
    assert workspace.composer.line.preset.text() == "Preset"


def test_a_pane_that_was_closed_meanwhile_is_left_out(workspace: Workspace) -> None:
    compare(workspace)
    workspace.composer.line.preset.click()
    closed = workspace.line[1]
    workspace.places.close_pane(closed)
    workspace.presetting.popover.chosen.emit(POET, {})
    assert systems(workspace) == ["Rhyme."]
    assert closed.conversation.system == ""
    closed.deleteLater()


async def test_a_preset_is_kept_with_the_comparison(workspace: Workspace) -> None:
    compare(workspace)
    workspace.composer.put(Prompt("Go"))
    workspace.composer._send()
    await until(lambda: not workspace.is_answering)
    kept = heard(workspace.kept.due)
    apply(workspace, CLERK)
    await until(lambda: kept)
    assert workspace.comparison is not None
    assert [state.system for state in workspace.comparison.panes] == ["Be brief.", "Be brief."]


def test_own_presets_that_change_are_named_anew(workspace: Workspace, presets: Presets) -> None:
    pane = workspace.line[0]
    pane.set_prompting("Sing.", Parameters())
    pane.composer.line.preset.click()
    presets.add(Preset(id="", title="Singer", system="Sing."))
    workspace.presetting.popover.changed.emit()
    assert pane.composer.line.preset.text() == "Preset: Singer"
