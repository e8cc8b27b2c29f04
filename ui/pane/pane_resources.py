"""What a window's panes share: beat of drawing, drawings, drafts, answers being made, files, text size, who speaks."""

from __future__ import annotations

from msgspec import Struct, field

from ui.pane.chat import Chat
from ui.pane.disk_room import DiskRoom
from ui.pane.drafts import Drafts
from ui.pane.given_files import FileOffers
from ui.text_size import TextSize
from ui.transcript.announcer import Floor
from ui.transcript.frame_scheduler import FrameScheduler
from ui.transcript.text.drawings import Drawings


class PaneResources(Struct, frozen=True):
    """Made once by the window.

    By id, shown or not: `answering` holds conversations that are being answered, `held` those whose last prompt was
    not sent and waits for its user.
    """

    scheduler: FrameScheduler
    drafts: Drafts
    drawings: Drawings | None = None
    answering: dict[str, Chat] = field(default_factory=dict[str, Chat])
    held: dict[str, Chat] = field(default_factory=dict[str, Chat])
    room: DiskRoom | None = None
    offers: FileOffers = field(default_factory=FileOffers)
    text_size: TextSize = field(default_factory=TextSize)
    floor: Floor = field(default_factory=Floor)
