"""Which model a new chat begins with, and what is offered, where a policy has a say."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import Auth, Connection, Kind, ModelRef, Usage
from desktop.services import Services
from tests.desktop.settings.test_policy import policy
from tests.desktop.store import made
from ui.base.model_facts import ModelFacts
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.connections.add_dialog import AddConnectionDialog
from ui.pane.welcome import Welcome

CORP = Connection(
    name="corp", kind=Kind.OPENAI_V1, url="https://ai.contoso.com/v1", auth=Auth.NONE, models=("grok-4.7", "gpt-4.1")
)


def under(services: Services, **policies: object) -> ModelFacts:
    services.use(replace(services.settings, connections=(CORP,), policy=policy(None, **policies)))
    return ModelFacts(services)


@pytest.mark.parametrize(
    ("policies", "model"),
    [
        ({}, "embedded/smollm2"),
        ({"EmbeddedModel": False}, "corp/gpt-4.1"),
        ({"HiddenModels": ("smollm2", "gpt-*")}, "corp/grok-4.7"),
        ({"EmbeddedModel": False, "AllowedHosts": ("elsewhere.example",)}, "embedded/smollm2"),
    ],
)
async def test_a_new_chat_begins_with_a_model_that_may_be_asked(
    services: Services, policies: dict[str, object], model: str
) -> None:
    assert under(services, **policies).default() == ModelRef.parse(model)


async def test_servers_are_offered_only_where_they_may_be_added(
    services: Services, qtbot: QtBot, themes: Themes
) -> None:
    welcome = Welcome()
    qtbot.addWidget(welcome)
    welcome.set_destination("", offers=under(services, UserConnections=False).wants_servers)
    assert welcome._bar.isHidden()


async def test_a_server_is_offered_only_while_there_is_none(services: Services) -> None:
    services.use(services.settings.with_connection(CORP))
    assert not ModelFacts(services).wants_servers
    for each in services.settings.connections:
        services.use(services.settings.without_connection(each.name))
    assert ModelFacts(services).wants_servers


async def test_the_dialog_offers_only_kinds_that_are_allowed(
    services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot
) -> None:
    under(services, UserConnections=False)
    dialog = AddConnectionDialog(services, tasks, themes)
    qtbot.addWidget(dialog)
    assert dialog.endpoint.isHidden()
    assert not dialog.file.isHidden()
    dialog.reject()
    await tasks.settle(5)


async def test_another_pane_takes_a_model_that_was_used_before_where_no_list_is_known(services: Services) -> None:
    lab = msgspec.structs.replace(CORP, name="lab", models=())
    services.use(replace(services.settings, connections=(lab,)))
    used = [ModelRef(connection=name, name=model) for name, model in (("gone", "x"), ("lab", "a"), ("lab", "b"))]
    facts, first = ModelFacts(services), ModelRef.parse("embedded/smollm2")
    assert facts.another(first, used=used) == used[1]
    assert facts.another(first, used[1], used=used) == used[2]
    assert facts.another(first, *used, used=used) == first
    assert facts.another(used[1], used=used) == used[2]  # not the embedded one, while there is another


async def test_what_is_sent_before_a_prompt_is_what_the_server_counted_last(services: Services) -> None:
    talk = made.said("Why is that?")
    *before, answer = talk.messages
    facts = ModelFacts(services)
    estimated = facts.history_tokens(talk)
    counted = msgspec.structs.replace(answer, model=talk.model, usage=Usage(input_tokens=5_000, output_tokens=9))
    with_files = msgspec.structs.replace(talk, messages=(*before, counted))
    assert 0 < estimated < 5_000 < facts.history_tokens(with_files) <= 5_000 + estimated
    elsewhere = msgspec.structs.replace(with_files, model=ModelRef.parse("lab/another"))
    assert facts.history_tokens(elsewhere) == estimated
