"""The check of a connection: step by step, and the first failure is the last step."""

from __future__ import annotations

from desktop.errors import AddressNotFound, AuthenticationFailed, DeploymentNotFound
from desktop.events import TextDelta
from desktop.providers.base import ModelInfo, Provider
from desktop.session.probe import Step, offered, probe
from tests.desktop.session.fakes import ScriptedProvider, said

MODELS = (ModelInfo(name="base", suggested=True), ModelInfo(name="prod"))


class Refusing(ScriptedProvider):
    """Lists nothing but an error."""

    def __init__(self, error: Exception) -> None:
        super().__init__([said("hi")])
        self._error = error

    async def models(self) -> tuple[ModelInfo, ...]:
        raise self._error


async def steps(provider: Provider, model: str = "") -> list[Step]:
    return [step async for step in probe(provider, model=model, clock=iter(range(100)).__next__)]


async def test_a_good_connection_lists_and_answers_and_each_step_is_timed() -> None:
    provider = ScriptedProvider([[TextDelta(text="hi"), None]], MODELS)
    listed, first = await steps(provider)
    assert (listed.problem, listed.took_ms, listed.models) == (None, 1000, MODELS)
    assert (first.text, first.problem) == ("First token from prod", None)
    assert provider.requests[0].parameters.values == {"max_tokens": 16}


async def test_a_refused_key_is_the_last_step() -> None:
    (only,) = await steps(Refusing(AuthenticationFailed("The key was refused.")))
    assert only.problem is not None
    assert only.problem.code == "authentication_failed"
    assert only.problem.hint


async def test_a_server_without_a_list_is_fine_where_a_model_is_named() -> None:
    (first,) = await steps(Refusing(AddressNotFound("No list.")), "typed")
    assert (first.text, first.problem) == ("First token from typed", None)
    (failed,) = await steps(Refusing(AddressNotFound("No list.")))
    assert failed.problem is not None


async def test_a_named_model_that_is_not_there_fails_its_step() -> None:
    _, first = await steps(ScriptedProvider([[DeploymentNotFound("No such deployment.")]], MODELS), "gone")
    assert first.problem is not None
    assert first.problem.code == "deployment_not_found"


async def test_mere_suggestions_are_neither_asked_nor_offered() -> None:
    suggested = (ModelInfo(name="base", suggested=True),)
    provider = ScriptedProvider([said("hi")], suggested)
    (only,) = await steps(provider)
    assert only.models == suggested
    assert provider.requests == []
    assert offered(MODELS) == ("prod",)
