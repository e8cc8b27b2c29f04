"""What the panes of a window share: the beat of drawing, the colours of code, the drafts, the answers being made."""

from __future__ import annotations

from dataclasses import dataclass, field

from ui.pane.chat import Chat
from ui.pane.drafts import Drafts
from ui.transcript.code_colours import CodeColours
from ui.transcript.scheduler import Scheduler


@dataclass(frozen=True)
class Shared:
    """Made once by the window. `answering` holds the conversations that are being answered, shown or not, by id."""

    scheduler: Scheduler
    drafts: Drafts
    colours: CodeColours | None = None
    answering: dict[str, Chat] = field(default_factory=dict[str, Chat])
