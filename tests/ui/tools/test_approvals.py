"""Tool calls that wait for approval: shown above the prompt field, answered by keys, edited, and denied."""

from __future__ import annotations

from desktop.domain.conversation_types import ToolChoice
from desktop.domain.message_parts import ToolCallPart, ToolResultPart
from tests.desktop.session.fakes import REF, ScriptedProvider
from tests.ui.driver import Driver
from ui.tools.approval_card import ApprovalCard

NAME = "echo › echo"


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


def result(driver: Driver) -> tuple[ToolCallPart, ToolResultPart]:
    """The call and the result of the last response."""
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
    driver.press("Ctrl+J")
    assert driver.focused is card.first
    driver.press("Return")
    await driver.until(lambda: not driver.window.workspace.is_answering)
    assert not driver.window.tool_calls.is_pending
    assert result(driver)[1].text == "Hello"
    assert len(provider.requests) == 2
