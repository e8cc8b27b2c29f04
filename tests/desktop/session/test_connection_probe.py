"""The check of a connection: step by step, and the first failure is the last step."""

from __future__ import annotations

from desktop.domain.events import Finished, TextDelta
from desktop.errors import AddressNotFound, AuthenticationFailed, ConnectFailed, DeploymentNotFound, ServerFailed
from desktop.net.reach import Reached
from desktop.providers.provider import ModelInfo, Provider
from desktop.session.connection_probe import HELD_BACK, Probe, ProbeStep, offered
from desktop.text.phrases import english
from tests.desktop.session.fakes import ScriptedProvider, said

MODELS = (ModelInfo(name="base", suggested=True), ModelInfo(name="prod"))


class Refusing(ScriptedProvider):
    """Lists nothing but an error."""

    def __init__(self, error: Exception) -> None:
        super().__init__([said("hi")])
        self._error = error

    async def models(self) -> tuple[ModelInfo, ...]:
        raise self._error


async def steps(provider: Provider, *named: str) -> list[ProbeStep]:
    probe = Probe(provider=provider, named=named, clock=iter(range(100)).__next__)
    return [step async for step in probe.steps()]


async def test_a_good_connection_lists_and_answers_and_each_step_is_timed() -> None:
    provider = ScriptedProvider([[TextDelta(text="hi"), None]], MODELS)
    listed, first = await steps(provider)
    assert (listed.text, listed.problem, listed.took_ms, listed.models) == ("Key accepted", None, 1000, MODELS)
    assert (first.text, first.problem, first.answered) == ("TTFT for prod", None, "prod")
    assert provider.requests[0].parameters.values == {"max_tokens": 16}


async def test_the_server_is_reached_before_it_is_asked() -> None:
    async def near() -> Reached:
        return Reached(took_ms=84, tls=True)

    async def nowhere() -> Reached:
        raise ConnectFailed(english("Nothing answers there."))

    provider = ScriptedProvider([said("hi")], MODELS)
    found = [step async for step in Probe(provider=provider, reach=near, with_key=False).steps()]
    assert [step.text for step in found[:2]] == ["Reachable over TLS, certificate trusted", "Models listed"]
    assert found[0].took_ms == 84
    (failed,) = [step async for step in Probe(provider=provider, reach=nowhere).steps()]
    assert failed.problem is not None


async def test_a_refused_key_is_the_last_step() -> None:
    (only,) = await steps(Refusing(AuthenticationFailed(english("The key was refused."))))
    assert only.problem is not None
    assert only.problem.code == "authentication_failed"
    assert only.problem.hint


async def test_a_server_without_a_list_is_fine_where_a_model_is_named() -> None:
    for error in (AddressNotFound(english("No list.")), ServerFailed(english("No such method."), status=501)):
        (first,) = await steps(Refusing(error), "typed")
        assert (first.text, first.problem) == ("TTFT for typed", None)
    (failed,) = await steps(Refusing(AddressNotFound(english("No list."))))
    assert failed.problem is not None
    assert "correct, enter a model name" in failed.problem.hint


async def test_each_named_model_is_asked_and_one_that_is_not_there_leaves_the_others() -> None:
    provider = ScriptedProvider([[DeploymentNotFound(english("No such deployment."))], said("hi")], MODELS)
    _, gone, there = await steps(provider, "gone", "there")
    assert gone.problem is not None
    assert (gone.problem.code, gone.answered) == ("deployment_not_found", "")
    assert there.answered == "there"


async def test_a_key_that_is_refused_when_asked_ends_the_check() -> None:
    provider = ScriptedProvider([[AuthenticationFailed(english("The key was refused."))]], MODELS)
    assert len(await steps(provider, "one", "two")) == 2


async def test_mere_suggestions_are_neither_asked_nor_offered() -> None:
    suggested = (ModelInfo(name="base", suggested=True),)
    provider = ScriptedProvider([said("hi")], suggested)
    (only,) = await steps(provider)
    assert only.models == suggested
    assert provider.requests == []
    assert offered(MODELS) == ("prod",)


async def test_an_answer_that_comes_in_one_piece_after_a_wait_is_noticed() -> None:
    pieces = [TextDelta(text=f"{number} ") for number in range(9)]
    held = ScriptedProvider([[0.35, *pieces, Finished(reason="stop")]], MODELS)
    flowing = ScriptedProvider([[0.35, *(part for each in pieces for part in (each, 0.01))]], MODELS)
    at_once = ScriptedProvider([[*pieces, Finished(reason="stop")]], MODELS)
    for provider, note in ((held, HELD_BACK), (flowing, ""), (at_once, "")):
        step = [step async for step in Probe(provider=provider).steps()][-1]
        assert (step.problem, step.note) == (None, note)


async def test_a_model_that_stops_after_its_first_token_is_not_waited_for() -> None:
    provider = ScriptedProvider([[TextDelta(text="hi"), None]], MODELS)
    step = [step async for step in Probe(provider=provider).steps()][-1]
    assert step.problem is None
    assert step.took_ms < 500
    assert provider.cancelled == 1
