"""Resources shared by a window's panes: animation clock, drafts, responses, attachments, text size and colors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct, field
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop.services import Services
from ui.base.model_marks import ModelMarks
from ui.base.tasks import Tasks
from ui.base.text_size import TextSize
from ui.composer.drafts import NEW, Drafts
from ui.composer.editor import EditorSpelling, PromptEditor
from ui.composer.file_offers import FileOffers
from ui.pane.chat import Chat
from ui.pane.disk_room import DiskRoom
from ui.pane.temporary_mode import TemporaryMode
from ui.transcript.announcer import Floor
from ui.transcript.frame_scheduler import FrameScheduler
from ui.transcript.text.drawings import Drawings
from ui.widgets.on_demand import OnDemand

if TYPE_CHECKING:
    from ui.attachments.attached_looks import AttachedLooks
    from ui.attachments.file_commands import FileCommands
    from ui.base.theme import Themes
    from ui.composer.spelling_desk import SpellingDesk


class PaneResources(Struct, frozen=True):
    """Resources shared by all panes, created once per window.

    `answering` and `held` are shared by all windows. They are keyed by ID and include hidden conversations: `answering`
    contains those with a response in progress, `held` those whose last prompt was held back until the user decides.
    """

    scheduler: FrameScheduler
    drafts: Drafts
    looks: Callable[[], AttachedLooks]
    """Previews of attachments, created on demand."""
    drawings: Drawings | None = None
    files: Callable[[], FileCommands] | None = None
    """Commands for attachments, created on demand."""
    answering: dict[str, Chat] = field(default_factory=dict[str, Chat])
    held: dict[str, Chat] = field(default_factory=dict[str, Chat])
    room: DiskRoom | None = None
    offers: FileOffers = field(default_factory=FileOffers)
    text_size: TextSize = field(default_factory=TextSize)
    floor: Floor = field(default_factory=Floor)
    marks: ModelMarks = field(default_factory=ModelMarks)
    mode: TemporaryMode = field(default_factory=TemporaryMode)
    spelling: Callable[[PromptEditor], None] = lambda _: None
    """Lets the spelling of a prompt field be checked."""
    new: str = NEW
    """Key of the draft for new chats, one for each window."""


def looks_on_demand(services: Services, tasks: Tasks, parent: QObject) -> Callable[[], AttachedLooks]:
    """Return a function that creates attachment previews on its first call, because most chats need none."""

    def make() -> AttachedLooks:
        from ui.attachments.attached_looks import AttachedLooks

        return AttachedLooks(services, tasks, parent)

    return OnDemand(make)


def files_on_demand(services: Services, tasks: Tasks, themes: Themes, window: QWidget) -> Callable[[], FileCommands]:
    """Return a function that creates the commands for attachments on its first call."""

    def make() -> FileCommands:
        from ui.attachments.file_commands import FileCommands

        return FileCommands(services, tasks, themes, window)

    return OnDemand(make)


def spelling_on_demand(
    services: Services, tasks: Tasks, themes: Themes, window: QWidget
) -> Callable[[PromptEditor], None]:
    """Return a function that has the spelling of a prompt field checked from the first pause in typing on."""

    def make_desk() -> SpellingDesk:
        from ui.composer.spelling_desk import SpellingDesk

        return SpellingDesk(services, tasks, themes, window)

    def watch(editor: PromptEditor) -> None:
        """Create the spelling of a field when it is first needed."""

        def make() -> EditorSpelling:
            from ui.composer.spelling_menu import SpellingMenu

            return SpellingMenu(editor, desk())

        editor.spelling = OnDemand(make)

    desk = OnDemand(make_desk)
    return watch
