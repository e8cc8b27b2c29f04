"""The pictures of tool calls: cards of every state in an answer, one of them unfolded, one waiting for approval."""

from __future__ import annotations

from desktop.domain.conversation_types import Conversation, Message, Role, Status, new_id, now
from desktop.domain.events import ToolAnswered, ToolCalled, ToolWaiting
from desktop.domain.message_parts import Part, TextPart, ToolCallPart, ToolResultPart, ToolStatus
from tests.shots.compared import GROK
from tests.shots.pictures import open_made, picture
from tests.shots.stage import Stage
from ui.transcript.list.message_list import MessageList
from ui.transcript.transcript_view import TranscriptView

PROMPT = "When does the meeting with Tokyo begin here, and is it in my notes?"


def _call(number: int, name: str, arguments: str, server: str = "") -> ToolCallPart:
    return ToolCallPart(id=str(number), name=name, arguments=arguments, server=server)


def _result(
    number: int, status: ToolStatus, text: str, duration_ms: float | None = None, *, recorded: bool = False
) -> ToolResultPart:
    return ToolResultPart(call=str(number), status=status, text=text, duration_ms=duration_ms, recorded=recorded)


PARTS: tuple[Part, ...] = (
    TextPart(text="Let me look at the clock in **Tokyo** first."),
    _call(1, "get_current_time", '{"timezone": "Asia/Tokyo"}', "time"),
    _result(1, ToolStatus.OK, '{"timezone":"Asia/Tokyo"}', 312.0),
    _call(2, "convert_time", '{"source": "Asia/Tokyo", "time": "17:00", "target": "Europe/Berlin"}', "time"),
    _result(2, ToolStatus.OK, '{"time":"09:00","difference":"-8h","dst":false,"notes":["standard\u200btime"]}', 48.0),
    _call(3, "web_search", '{"query": "public holidays Japan December 2026"}'),
    _result(3, ToolStatus.OK, "None before the 31st.", recorded=True),
    TextPart(text="17:00 in Tokyo is 9:00 in Berlin, no holiday:\n\n- standard time in both\n- no change soon"),
    _call(4, "read_file", '{"path": "meetings.md"}', "files"),
    _result(4, ToolStatus.ERROR, "No such file: meetings.md", 3.0),
    _call(5, "list_directory", '{"path": "/home"}', "files"),
    _result(5, ToolStatus.DENIED, "The user denied this call."),
    TextPart(text="I may not look for it elsewhere, so I write it down:"),
)
LAST = _call(6, "write_file", '{"path": "notes/meetings.md", "text": "Tokyo: 9:00"}', "files")


def called() -> Conversation:
    """A chat with a question that is being answered."""
    asked = Message(
        id=new_id(),
        parent=None,
        role=Role.USER,
        parts=(TextPart(text=PROMPT),),
        status=Status.COMPLETE,
        created_at=now(),
    )
    return Conversation(
        id=new_id(),
        title="Meeting with Tokyo",
        model=GROK,
        created_at=now(),
        updated_at=now(),
        current=asked.id,
        messages=(asked,),
    )


@picture("tools", size=(1366, 1100))
@picture("tools-dark", theme="dark", size=(1366, 1100))
@picture("tools-high-contrast-150-percent", theme="high-contrast", scale=1.5, size=(1366, 768))
@picture("tools-right-to-left", language="ar", size=(1366, 1100))
async def tools(stage: Stage) -> None:
    await open_made(stage, called())
    (view,) = stage.window.pane.findChildren(TranscriptView)
    view.begin(None, "live", "grok-3-mini")
    calls: dict[str, ToolCallPart] = {}
    for part in PARTS:
        match part:
            case TextPart(text=text):
                view.text(text)
            case ToolCallPart():
                calls[part.id] = part
                view.tool(ToolCalled(call=part))
            case ToolResultPart():
                view.tool(ToolAnswered(call=calls[part.call], result=part))
            case _:
                pass
    view.tool(ToolCalled(call=LAST))
    view.tool(ToolWaiting(call=LAST.id, waiting=True))
    row = view.rows[-1]
    await stage.until(lambda: len(row.cards) == len(calls) + 1 and row.cards[-1].waiting)
    (messages,) = view.findChildren(MessageList)
    row.cards[1].unfolded = True
    messages.change_card(len(view.rows) - 1, lambda: row.parts.update_card(row.cards[1]))
    messages.scroll_by(-100_000)
    await stage.settle(0.5)
