"""What the panes of a window share: the beat of drawing, what a child draws, the drafts, the answers being made."""

from __future__ import annotations

from dataclasses import dataclass, field

from ui.pane.chat import Chat
from ui.pane.drafts import Drafts
from ui.transcript.drawings import Drawings
from ui.transcript.scheduler import Scheduler


@dataclass(frozen=True)
class Shared:
    """Made once by the window. `answering` holds the conversations that are being answered, shown or not, by id."""

    scheduler: Scheduler
    drafts: Drafts
    drawings: Drawings | None = None
    answering: dict[str, Chat] = field(default_factory=dict[str, Chat])
