"""Offers tools to the models of one pane or of all active panes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from desktop.domain.conversation_types import Connection, Kind, ToolChoice
from desktop.domain.tool_types import BUILT_IN
from desktop.errors import ParagoneError, PolicyForbids
from desktop.services import Services
from desktop.settings.policy import TOOLS, WEB_SEARCH
from ui.base.model_facts import ModelFacts, tool_names
from ui.base.strings import sentence, tr
from ui.base.tasks import Tasks
from ui.composer.composer import Composer
from ui.pane.pane import Pane
from ui.widgets.announcement import announce
from ui.workspace.pane_list import PaneList

if TYPE_CHECKING:
    from desktop.tools.server_file import ToolSettings
    from ui.tools.tools_popover import OfferedTool, ToolsPopover

_SEARCH = ""
"""Name that the popover gives to the provider's web search."""


class WorkspaceTools(QObject):
    """Opens the popover with the tool servers and applies the choice to the panes."""

    manage_wanted = Signal()
    """Emitted when the user wants to add or change tool servers."""
    failed = Signal(object)
    """Emitted with the ParagoneError if the servers cannot be read or a consent cannot be saved."""

    def __init__(self, services: Services, tasks: Tasks, line: PaneList, composer: Composer) -> None:
        super().__init__(composer)
        self._services = services
        self._tasks = tasks
        self._line = line
        self._composer = composer
        self._facts = ModelFacts(services)
        self._meant: Sequence[Pane] = ()
        self._settings: ToolSettings | None = None
        self._popover: ToolsPopover | None = None
        line.tools_wanted.connect(self.open_for)
        line.prompting_changed.connect(self.show)
        line.shown_changed.connect(self.show)
        composer.tools_wanted.connect(self.open_for_all)

    @property
    def popover(self) -> ToolsPopover:
        """The popover, created on first use so that the first paint is fast."""
        if self._popover is None:
            from ui.tools.tools_popover import ToolsPopover

            self._popover = ToolsPopover(self._composer)
            self._popover.toggled.connect(self._toggled)
            self._popover.consented.connect(self._consented)
            self._popover.manage_wanted.connect(self.manage_wanted)
        return self._popover

    @Slot()
    def show(self) -> None:
        """Show in the shared composer which tools the active panes have in common."""
        choices = {tool_names(pane.conversation.tools) for pane in self._taking_part}
        names = choices.pop() if len(choices) == 1 else (tr("multiple"),) if choices else ()
        self._composer.line.show_tools(names)

    @Slot(object)
    def open_for(self, pane: Pane) -> None:
        """Open the popover to choose the tools of one pane."""
        self._open(pane.composer.line.tools_anchor, [pane])

    @Slot()
    def open_for_all(self) -> None:
        """Open the popover to choose the tools of all active panes."""
        self._open(self._composer.line.tools_anchor, self._taking_part)

    def open(self) -> None:
        """Open the popover at the prompt field that is shown."""
        if self._composer.isHidden():
            self.open_for(self._line[0])
        else:
            self.open_for_all()

    @property
    def _taking_part(self) -> list[Pane]:
        return [pane for pane, on in zip(self._line, self._line.on, strict=True) if on]

    def _open(self, control: QWidget, panes: Sequence[Pane]) -> None:
        self._meant = panes
        if panes:
            self._tasks.start(self._load(control), name="tools.choose", failed=self.failed.emit)

    async def _load(self, control: QWidget) -> None:
        self._settings = await self._services.tools.load()
        if not control.isVisible():
            return
        policy = self._services.settings.policy
        forbidden = "" if policy.get(TOOLS) else _reason(partial(policy.require, TOOLS))
        self.popover.show_tools(self._offered(self._settings), forbidden=forbidden, lacks=self._lacks())
        self.popover.open_above(control)

    def _offered(self, settings: ToolSettings) -> list[OfferedTool]:
        from ui.tools.tool_text import state_text
        from ui.tools.tools_popover import OfferedTool

        on = self._state()
        rows = [
            OfferedTool(
                server.name,
                state_text(settings, server.name),
                on.get(server.name, False),
                _reason(partial(self._services.tools.require, server)),
            )
            for server in settings.servers
        ]
        known = {server.name for server in settings.servers}
        gone = [name for name in on if name not in known and name not in (BUILT_IN, _SEARCH)]
        rows += [OfferedTool(name, "", on=True, forbidden=tr("This server was removed.")) for name in gone]
        rows.append(OfferedTool(BUILT_IN, tr("Current time, and reading attached files"), on.get(BUILT_IN, False)))
        forbidden = _reason(partial(self._services.settings.policy.require, WEB_SEARCH))
        rows.append(OfferedTool(_SEARCH, self._search_note(), on.get(_SEARCH, False), forbidden))
        return rows

    def _search_note(self) -> str:
        from ui.tools.tool_text import GROUNDING

        if any(is_azure_connection(each) for each in self._connections):
            return tr(GROUNDING)
        return tr("The provider sends search terms from your conversation to its search service.")

    @property
    def _connections(self) -> list[Connection]:
        """Connections of the meant panes, each once."""
        found = (self._facts.connection(pane.conversation.model) for pane in self._meant)
        return list({each.name: each for each in found if each is not None}.values())

    def _state(self) -> dict[str, bool]:
        """Return for each server in use whether all meant panes use it."""
        choices = [pane.conversation.tools for pane in self._meant]
        names = dict.fromkeys(name for choice in choices for name in choice.servers)
        state = {name: all(name in choice.servers for choice in choices) for name in names}
        if any(choice.web_search for choice in choices):
            state[_SEARCH] = all(choice.web_search for choice in choices)
        return state

    def _lacks(self) -> str:
        return " ".join(dict.fromkeys(filter(None, (self._facts.tools_lacked(p.conversation) for p in self._meant))))

    @Slot(str, bool)
    def _toggled(self, name: str, on: bool) -> None:  # noqa: FBT001 - Qt's signal
        if name == _SEARCH and on and (asked := self._unconsented()):
            self.popover.show_state(self._state())
            self.popover.ask_consent(", ".join(each.name for each in asked))
            return
        self._apply(name, on=on)

    def _unconsented(self) -> list[Connection]:
        """Return the connections to Azure for which the user has not accepted a web search with Bing."""
        given = self._settings.web_consents if self._settings is not None else ()
        return [each for each in self._connections if is_azure_connection(each) and each.url not in given]

    @Slot()
    def _consented(self) -> None:
        urls = tuple(each.url for each in self._unconsented())
        self._tasks.start(self._keep_consent(urls), name="tools.consent", failed=self.failed.emit)

    async def _keep_consent(self, urls: tuple[str, ...]) -> None:
        self._settings = await self._services.tools.change(
            lambda held: replace(held, web_consents=tuple(dict.fromkeys((*held.web_consents, *urls))))
        )
        self._apply(_SEARCH, on=True)
        self.popover.show_state(self._state())

    def _apply(self, name: str, *, on: bool) -> None:
        for pane in self._meant:
            if pane in self._line:  # not closed meanwhile
                pane.set_tools(_changed(pane.conversation.tools, name, on=on))
        self.popover.say_lacks(self._lacks())
        if self._meant:
            names = tool_names(self._meant[0].conversation.tools)
            announce(self._composer, tr("Tools: {names}", names=", ".join(names) or tr("None")))


def _changed(choice: ToolChoice, name: str, *, on: bool) -> ToolChoice:
    """Return a choice with a server, or the web search, added or removed."""
    if name == _SEARCH:
        return replace(choice, web_search=on)
    others = tuple(each for each in choice.servers if each != name)
    return replace(choice, servers=(*others, name) if on else others)


def is_azure_connection(connection: Connection) -> bool:
    """Whether a connection leads to Azure, where a web search is Grounding with Bing."""
    from desktop.net.addresses import repair
    from desktop.providers.scopes import is_azure

    if connection.kind is Kind.EMBEDDED:
        return False
    try:
        return connection.kind is Kind.AZURE_INFERENCE or is_azure(repair(connection.kind, connection.url))
    except ParagoneError:
        return False


def _reason(require: Callable[[], None]) -> str:
    """Return why a policy forbids something, or an empty string."""
    try:
        require()
    except PolicyForbids as error:
        return sentence(error)
    return ""
