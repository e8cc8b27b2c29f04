"""Shows tool calls that wait for approval in the window that has their conversation, above the prompt field."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import msgspec
from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication, QBoxLayout, QWidget

from desktop.errors import ParagoneError
from desktop.services import Services
from ui.base.commands import Command, keys_of
from ui.base.model_facts import ModelFacts
from ui.base.strings import sentence, tr
from ui.base.tasks import Tasks
from ui.widgets.on_demand import OnDemand
from ui.window.drawer import Drawer
from ui.window.shared_state import SharedState
from ui.workspace.workspace import Workspace

if TYPE_CHECKING:
    from desktop.tools.approvals import Asked, SignInOffer
    from desktop.tools.tool_desk import ToolDesk
    from ui.base.text_size import TextSize
    from ui.tools.approval_panel import ApprovalPanel, Pending


class ToolApprovals(QObject):
    """The panel of one window. Nothing is created before the first call waits."""

    def __init__(
        self,
        services: Services,
        tasks: Tasks,
        shared: SharedState,
        workspace: Workspace,
        drawer: Drawer,
        text_size: TextSize,
    ) -> None:
        super().__init__(workspace)
        self._services = services
        self._tasks = tasks
        self._sign_ins: dict[str, asyncio.Task[None]] = {}
        self._shared = shared
        self._workspace = workspace
        self._drawer = drawer
        self._text_size = text_size
        self._facts = ModelFacts(services)
        self._desk: ToolDesk | None = None
        self._ended = False
        self.panel = OnDemand(self._made)
        services.on_tools(self._attach)
        workspace.panes_changed.connect(self.update)
        workspace.comparison_shown.connect(self.update)
        workspace.line.shown_changed.connect(self.update)
        drawer.page_changed.connect(self.update)

    @Slot()
    def answer(self) -> None:
        """Move the focus to the first pending call."""
        if self.is_pending:
            self.panel().take_keyboard()

    @property
    def is_pending(self) -> bool:
        """Whether this window shows pending calls."""
        return self.panel.made is not None and not self.panel.made.isHidden()

    @Slot()
    @Slot(object)
    def update(self) -> None:
        """Show the pending calls that belong to this window."""
        if self._desk is None or self._ended:
            return
        approvals = self._desk.approvals
        pending = [each for each in (*approvals.pending, *approvals.sign_ins) if self._is_ours(each)]
        if not pending and self.panel.made is None:
            return
        panel = self.panel()
        if pending:
            self._place(panel)
        fresh = any(each.id not in panel.cards for each in pending)
        panel.show_pending(pending, self._names)
        if fresh:
            QApplication.alert(self._workspace.window())

    def deny_shown(self) -> None:
        """Deny the pending calls of this window's conversations and cancel its sign-ins: the window is being closed."""
        if self._desk is None:
            return
        from desktop.tools.approvals import Approval, Asked, Choice
        from desktop.tools.host.host_wire import ElicitAction, ElicitationAnswer

        for offer in [each for each in self._desk.approvals.sign_ins if self._is_ours(each)]:
            self._decline_sign_in(offer.server)
        for each in [each for each in self._desk.approvals.pending if self._is_ours(each)]:
            if isinstance(each, Asked):
                self._desk.approvals.answer(each.id, Approval(choice=Choice.DENY))
            else:
                self._desk.approvals.answer_question(each.id, ElicitationAnswer(action=ElicitAction.DECLINE))

    def end(self) -> None:
        """Deny what is pending and stop listening, because the program is quitting."""
        self.deny_shown()
        if self._desk is not None and not self._ended:
            self._desk.approvals.off_change(self.update)
        self._ended = True

    def _attach(self, desk: ToolDesk) -> None:
        if self._ended:
            return
        self._desk = desk
        desk.approvals.is_attended = True
        desk.approvals.on_change(self.update)

    def _start_sign_in(self, offer: SignInOffer) -> None:
        from ui.tools.browser_sign_in import sign_in
        from ui.tools.sign_in_card import SignInCard

        def card() -> SignInCard | None:
            """Return the card, unless it is gone."""
            found = self.panel().cards.get(offer.id)
            return found if isinstance(found, SignInCard) else None

        def say(text: str) -> None:
            """Show what the user should know."""
            if (shown := card()) is not None:
                shown.say(text)

        def failed(error: ParagoneError) -> None:
            """Show why the sign-in failed."""
            if (shown := card()) is not None:
                shown.fail(sentence(error))

        async def run() -> None:
            """Sign in, which withdraws the offer."""
            await sign_in(self._services, offer.server, say)

        task = self._tasks.start(run(), name="tools.sign-in", failed=failed)
        self._sign_ins[offer.server] = task
        task.add_done_callback(lambda _: self._sign_ins.pop(offer.server, None))

    def _decline_sign_in(self, server: str) -> None:
        """Cancel a sign-in that is running, and withdraw the offer."""
        if (task := self._sign_ins.pop(server, None)) is not None:
            task.cancel()
        if self._desk is not None:
            self._desk.approvals.withdraw_sign_in(server)

    def _made(self) -> ApprovalPanel:
        from ui.tools.approval_panel import ApprovalPanel

        made = ApprovalPanel(self._text_size, self._keys)
        made.answered.connect(self._answered)
        made.left.connect(self._workspace.focus_composer)
        return made

    def _keys(self) -> str:
        keys = keys_of(Command.ANSWER_CALLS, self._services.settings)
        return keys.toString(keys.SequenceFormat.NativeText)

    def _conversations(self, each: Pending) -> set[str]:
        """Return the IDs of the conversations that wait for an answer."""
        from desktop.tools.approvals import Asked, SignInOffer

        if isinstance(each, SignInOffer):
            return each.conversations
        if isinstance(each, Asked):
            return {conversation for conversation, _ in each.panes}
        server = each.elicitation.server
        return {id_ for id_, chat in self._shared.answering.items() if server in chat.conversation.tools.servers}

    def _is_ours(self, each: Pending) -> bool:
        """Whether this window shows one of the conversations, or no window does and it is the first one."""
        wanted = self._conversations(each)
        windows = [each for each in self._shared.windows if each.isVisible()] or [*self._shared.windows]
        showing = [other for other in windows if wanted & {*other.shown_ids}]
        return cast("object", (showing or windows)[0]) is self._workspace.window()

    def _names(self, asked: Asked) -> Sequence[str]:
        """Return the models that wait for a call, with the title of a conversation that is not visible."""
        shown = {pane.conversation_id for pane in self._workspace.line}
        names: list[str] = []
        for conversation, model in asked.panes:
            name = self._facts.name(model) if model is not None else ""
            chat = self._shared.answering.get(conversation)
            if conversation not in shown and chat is not None and chat.conversation.title:
                title = tr("“{title}”", title=chat.conversation.title)
                name = f"{title} · {name}" if name else title
            names.append(name or tr("hidden model"))
        return list(dict.fromkeys(names))

    def _place(self, panel: ApprovalPanel) -> None:
        """Move the panel above the visible prompt field, or below the page that is shown instead of the panes."""
        if self._drawer.page is not None:
            around = self._drawer.parentWidget()
            assert around is not None
            before: QWidget | None = None
        elif self._workspace.comparison is not None:
            around, before = self._workspace, self._workspace.composer
        else:
            pane = self._workspace.line[0]
            around, before = pane, pane.given
        panel.set_in_column(before is not None and around is not self._workspace)
        column = around.layout()
        assert isinstance(column, QBoxLayout)
        place = column.indexOf(before) if before is not None else column.count()
        if panel.parentWidget() is not around or (before is not None and column.indexOf(panel) != place - 1):
            column.insertWidget(place, panel)

    def _compared_with(self, asked: Asked) -> tuple[str, ...]:
        """Return the conversations of the visible comparison if one of them waits: users decide for all its panes."""
        shown = [pane.conversation_id for pane in self._workspace.line if pane.conversation_id]
        return tuple(shown) if self._conversations(asked) & {*shown} else ()

    @Slot(object, object)
    def _answered(self, each: Pending, answer: object) -> None:
        from desktop.tools.approvals import Approval, Asked, SignInOffer
        from desktop.tools.host.host_wire import ElicitationAnswer

        assert self._desk is not None
        if isinstance(each, SignInOffer):
            if answer:
                self._start_sign_in(each)
            else:
                self._decline_sign_in(each.server)
        elif isinstance(each, Asked) and isinstance(answer, Approval):
            self._desk.approvals.answer(each.id, msgspec.structs.replace(answer, also=self._compared_with(each)))
        elif not isinstance(each, Asked) and isinstance(answer, ElicitationAnswer):
            self._desk.approvals.answer_question(each.id, answer)
