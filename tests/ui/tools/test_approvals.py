"""Tool calls that wait for approval: shown above the prompt field, answered by keys, edited, and denied."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton

from desktop.domain.comparison import PaneState, new_comparison
from desktop.domain.conversation_types import ToolChoice
from desktop.domain.message_parts import ToolCallPart, ToolResultPart, ToolStatus
from desktop.domain.tool_types import ToolInfo
from desktop.services import Services
from desktop.text.phrases import phrase
from desktop.tools.approvals import Approval, Asked, Choice, Question
from desktop.tools.consent import Permission
from desktop.tools.host.host_wire import ElicitAction, Elicitation
from tests.desktop.session.fakes import REF, ScriptedProvider
from tests.ui.driver import Driver
from tests.ui.pane.conftest import talk
from ui.tools.approval_card import ApprovalCard
from ui.tools.question_card import QuestionCard

INFO = ToolInfo(server="echo", tool="echo", read_only=True, open_world=False)


async def asked(driver: Driver) -> ApprovalCard:
    """Ask with tools, and wait for the card."""
    driver.window.workspace.start_new(REF)
    driver.window.pane.set_tools(ToolChoice(servers=("echo",)))
    driver.ask("Say hello")
    await driver.until(lambda: driver.window.tool_calls.is_pending)
    (card,) = driver.window.tool_calls.panel().cards.values()
    assert isinstance(card, ApprovalCard)
    await driver.until(lambda: card.is_ready)
    return card


async def ended(driver: Driver) -> tuple[ToolCallPart, ToolResultPart]:
    """The call and the result of the response, once it is complete."""
    await driver.until(lambda: not driver.window.workspace.is_answering)
    assert not driver.window.tool_calls.is_pending
    parts = driver.window.pane.conversation.path()[-1].parts
    (call,) = [each for each in parts if isinstance(each, ToolCallPart)]
    (found,) = [each for each in parts if isinstance(each, ToolResultPart)]
    return call, found


async def test_a_call_is_shown_with_its_arguments_and_runs_once_it_is_allowed_by_keys(
    driver: Driver, provider: ScriptedProvider
) -> None:
    card = await asked(driver)
    assert driver.focused is driver.editor  # whoever types is not interrupted
    assert card.arguments.toPlainText() == '{\n  "text": "Hello"\n}'
    assert "tests.servers.mcp.echo_server" in driver.said(card)
    driver.press("Ctrl+J")
    assert driver.focused is card.first
    driver.press("Return")
    _, result = await ended(driver)
    assert (result.status, result.text) == (ToolStatus.OK, "Hello")
    assert len(provider.requests) == 2
    assert "1 tool call" in driver.window.pane.figures.text


async def test_escape_leaves_a_call_unanswered_and_goes_back_to_the_prompt_field(driver: Driver) -> None:
    await asked(driver)
    driver.press("Ctrl+J")
    driver.press("Esc")
    assert driver.focused is driver.editor
    assert driver.window.workspace.is_answering
    assert driver.window.tool_calls.is_pending


async def test_a_denied_call_does_not_run(driver: Driver) -> None:
    card = await asked(driver)
    driver.click(card.buttons[Choice.DENY])
    assert (await ended(driver))[1].status is ToolStatus.DENIED


async def test_edited_arguments_are_used_and_invalid_ones_are_not(driver: Driver) -> None:
    card = await asked(driver)
    driver.click(card.edit)
    card.arguments.setPlainText('{"text": ')
    driver.click(card.first)
    assert card.problem.startswith("The arguments are not valid JSON")
    card.arguments.setPlainText('{"text": "Goodbye"}')
    assert not card.problem
    driver.click(card.first)
    call, result = await ended(driver)
    assert (call.edited, result.text) == (True, "Goodbye")


async def test_a_tool_that_is_always_allowed_is_saved_as_such(driver: Driver, services: Services) -> None:
    card = await asked(driver)
    driver.click(card.buttons[Choice.ALWAYS])
    await ended(driver)
    (rule,) = (await services.tools.load()).rules
    assert (rule.server, rule.tool, rule.verdict) == ("echo", "echo", Permission.ALLOW)


async def test_an_answer_counts_for_all_panes_of_the_comparison(driver: Driver, services: Services) -> None:
    talks = [await talk(services, ("Sky?", "Blue.")), await talk(services, ("Sky?", "Grey."))]
    made = new_comparison(tuple(PaneState(conversation=each.id, model=REF, said=True) for each in talks))
    await (await services.store()).comparisons.save(made)
    driver.window.desk.open_comparison(made.id)
    await driver.until(lambda: driver.window.desk.shown_id == made.id)
    call = Asked(id=1, server=None, info=INFO, arguments="{}", panes=[(talks[1].id, REF)])
    _show(services, call)
    (card,) = driver.window.tool_calls.panel().cards.values()
    assert isinstance(card, ApprovalCard)
    await driver.until(lambda: card.is_ready)
    driver.click(card.buttons[Choice.CONVERSATION])
    assert (await call.answer).also == tuple(each.id for each in talks)


async def test_a_window_that_is_closed_denies_what_waits_in_it(driver: Driver, services: Services) -> None:
    await asked(driver)
    (waiting,) = services.tools.approvals.pending
    driver.window.tool_calls.deny_shown()
    assert (await waiting.answer) == Approval(choice=Choice.DENY)
    await ended(driver)


async def test_a_card_that_has_just_appeared_takes_no_answer(driver: Driver, services: Services) -> None:
    one, two = _call(1), _call(2)
    _show(services, one, two)
    panel = driver.window.tool_calls.panel()
    await driver.until(lambda: all(card.is_ready for card in panel.cards.values()))
    driver.window.tool_calls.answer()
    driver.press("Return")
    assert one.answer.done()
    services.tools.approvals._remove(one)
    driver.press("Return")  # the second press was meant for the first card
    assert not two.answer.done()
    await driver.until(lambda: panel.cards[2].is_ready)
    driver.press("Return")
    assert two.answer.done()


async def test_reasons_claims_and_invisible_characters_are_shown_and_a_held_back_result_can_be_withheld(
    driver: Driver, services: Services
) -> None:
    reason = phrase("The result seems to contain {what}.", what="a key")
    call = Asked(
        id=1,
        server=None,
        info=INFO,
        arguments='{"to": "a\u202eb"}',
        result="sk-1",
        reasons=(reason,),
        panes=[("x", None)],
    )
    _show(services, call)
    (card,) = driver.window.tool_calls.panel().cards.values()
    assert isinstance(card, ApprovalCard)
    assert card.arguments.toPlainText() == '{\n  "to": "a\\u202eb"\n}'
    said = driver.said(card)
    assert "The server says: read-only" in said
    assert "seems to contain a key" in said
    assert "hidden model" in said
    await driver.until(lambda: card.is_ready)
    driver.click(driver.find(QPushButton, "Withhold the result of echo › echo"))
    await driver.until(call.answer.done)
    assert (await call.answer).choice is Choice.DENY


SCHEMA = """{"type": "object", "required": ["name"], "properties": {"name": {"type": "string"},
"hours": {"type": "integer"}, "priority": {"type": "string", "enum": ["low", "high"]},
"notify": {"type": "boolean"}}}"""


async def test_a_question_is_a_form_whose_answer_has_the_types_of_its_schema(
    driver: Driver, services: Services
) -> None:
    question = Question(
        id=1, elicitation=Elicitation(id=1, server="echo", message="Which one?", schema=SCHEMA, timeout_s=9)
    )
    _show(services, question)
    (card,) = driver.window.tool_calls.panel().cards.values()
    assert isinstance(card, QuestionCard)
    await driver.until(lambda: card.is_ready)
    driver.click(card.accept)
    assert card.problem == "Enter a value for name."
    driver.window.tool_calls.answer()
    driver.type("Apollo")
    driver.press("Tab")
    driver.type("many")
    driver.click(card.accept)
    assert card.problem == "hours must be a number."
    card.findChildren(QLineEdit)[1].setText("3")
    driver.click(card.accept)
    await driver.until(question.answer.done)
    answer = await question.answer
    assert (answer.action, answer.content) == (
        ElicitAction.ACCEPT,
        '{"name": "Apollo", "hours": 3, "notify": false}',
    )


SEVERAL = """{"type": "object", "required": ["days"], "properties": {"days": {"type": "array", "minItems": 1,
"maxItems": 2, "items": {"type": "string", "enum": ["mon", "tue", "wed"]}, "default": ["mon"]},
"rooms": {"type": "array", "items": {"anyOf": [{"const": "a", "title": "Room A & B"}, {"const": "c"}]}}}}"""


async def test_several_values_are_chosen_with_check_boxes(driver: Driver, services: Services) -> None:
    question = Question(
        id=1, elicitation=Elicitation(id=1, server="echo", message="When?", schema=SEVERAL, timeout_s=9)
    )
    _show(services, question)
    (card,) = driver.window.tool_calls.panel().cards.values()
    assert isinstance(card, QuestionCard)
    await driver.until(lambda: card.is_ready)
    boxes = {box.accessibleName(): box for box in card.findChildren(QCheckBox)}
    assert [*boxes] == ["days: mon", "days: tue", "days: wed", "rooms: Room A & B", "rooms: c"]
    driver.window.tool_calls.answer()
    assert driver.focused is boxes["days: mon"]
    driver.press("Space")
    driver.click(card.accept)
    assert card.problem == "Enter a value for days."
    for name in ("mon", "tue", "wed"):
        boxes[f"days: {name}"].setChecked(True)
    driver.click(card.accept)
    assert card.problem == "days: choose at most 2."
    boxes["days: mon"].setChecked(False)
    boxes["rooms: Room A & B"].setChecked(True)
    driver.click(card.accept)
    await driver.until(question.answer.done)
    assert (await question.answer).content == '{"days": ["tue", "wed"], "rooms": ["a"]}'


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://xn--pypal-4ve.com/", "The host name contains characters that look like others"),
        ("file:///etc/passwd", "does not open addresses of this kind"),
    ],
)
async def test_an_address_is_shown_with_what_may_mislead_and_can_be_declined(
    driver: Driver, services: Services, url: str, said: str
) -> None:
    question = Question(id=1, elicitation=Elicitation(id=1, server="echo", message="Go", url=url, timeout_s=9))
    _show(services, question)
    (card,) = driver.window.tool_calls.panel().cards.values()
    assert isinstance(card, QuestionCard)
    assert said in driver.said(card)
    await driver.until(lambda: card.is_ready)
    driver.click(card.decline)
    await driver.until(question.answer.done)
    assert (await question.answer).action is ElicitAction.DECLINE


def _call(number: int) -> Asked:
    return Asked(id=number, server=None, info=INFO, arguments="{}", panes=[("x", REF)], answer=asyncio.Future())


def _show(services: Services, *pending: Asked | Question) -> None:
    for each in pending:
        services.tools.approvals._add(each)
