"""Row of one tool server in the settings, with its tools and the user's decisions on them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.tool_types import ToolAuth, ToolInfo, ToolServer
from desktop.errors import ParagoneError
from desktop.tools.consent import ANY, Permission
from desktop.tools.server_file import ToolSettings, rules_of
from ui.base.strings import sentence, tr, trn
from ui.tools.tool_text import claims_text, description, one_line, source_text, state_text
from ui.widgets.buttons import button
from ui.widgets.inputs import ChoiceBox
from ui.widgets.labels import ElidedLabel, hairline, label, set_role
from ui.widgets.paragraph import Paragraph

_MOST_DESCRIBED = 400
"""Maximum number of characters of a tool's description that are shown."""

_VERDICTS: tuple[Permission | None, ...] = (None, Permission.ASK, Permission.ALLOW, Permission.DENY)


class ServerEntry(QWidget):
    """Row of one server. Asks for confirmation in the row before the server is removed."""

    edit_wanted = Signal(object)
    test_wanted = Signal(object)
    removed = Signal(object)
    """Emitted with the ToolServer after the user confirmed its removal. The others carry it, too."""
    sign_in_wanted = Signal(object)
    """Emitted to sign in, and to cancel a sign-in that is running."""
    sign_out_wanted = Signal(object)
    log_wanted = Signal(str)
    decided = Signal(str, str, object)
    """Emitted with the server, the tool (empty for all) and the Permission, or None to remove the decision."""

    def __init__(self, server: ToolServer) -> None:
        super().__init__()
        self.server = server
        self._open = False
        self._shown: tuple[object, ...] = ()
        name = server.name
        self._state = Paragraph("", "muted")
        self._outcome = Paragraph("", "muted")
        self._outcome.hide()
        self.log = button(tr("Show log"), "link", tr("Show the log of {name}", name=name))
        self.log.hide()
        self._details = QWidget()
        self._list = QVBoxLayout(self._details)
        self._list.setContentsMargins(0, 4, 0, 0)
        self._list.setSpacing(10)
        self._details.hide()
        self._buttons = QWidget()
        self._question = QWidget()
        self.boxes: dict[str, ChoiceBox] = {}
        self.test = button(tr("Test"), name=tr("Test {name}", name=name))
        self.unfold = button(tr("Tools"), name=tr("Show the tools of {name}", name=name))
        self.sign_in = button(tr("Sign in…"), name=tr("Sign in at {name}", name=name))
        self.sign_out = button(tr("Sign out"), name=tr("Sign out from {name}", name=name))
        self.edit = button(tr("Edit…"), name=tr("Edit {name}", name=name))
        self.remove = button(tr("Remove"), name=tr("Remove {name}", name=name))
        self.really = button(tr("Remove"), "danger", tr("Remove {name} and its secrets", name=name))
        self.keep = button(tr("Keep"), name=tr("Keep {name}", name=name))
        self._lay_out()
        self._connect()

    @property
    def state(self) -> str:
        """What is known about the server's tools."""
        return self._state.text()

    @property
    def outcome(self) -> str:
        """Result of the last test."""
        return self._outcome.text()

    def show_facts(
        self,
        settings: ToolSettings,
        *,
        forbidden: str,
        always_asks: str,
        denied: Sequence[str],
        needs_sign_in: bool = False,
        only_this_run: bool = False,
    ) -> None:
        """Show the server's state and its tools.

        Args:
            settings: The file's contents.
            forbidden: Why policy forbids the server; empty if it does not.
            always_asks: Sentence of the policy that requires asking before each call, or empty.
            denied: Names of tools that policy does not allow.
            needs_sign_in: Whether the user must sign in first.
            only_this_run: Whether the secrets are not in a keyring.
        """
        name = self.server.name
        seen = settings.seen.get(name)
        tools = seen.tools if seen is not None else ()
        rules = {tool: rule.verdict for tool, rule in rules_of(settings.rules, name).items()}
        said = [state_text(settings, name)]
        if self.server.auth is ToolAuth.OAUTH:
            said.insert(0, tr("Sign-in required") if needs_sign_in else tr("Signed in"))
        allowed = sum(verdict is Permission.ALLOW for tool, verdict in rules.items() if tool != ANY)
        if allowed:
            said.append(trn("{n} always allowed", "{n} always allowed", allowed))
        if only_this_run:
            said.append(tr("Secrets are kept only until Paragone quits"))
        self._state.setText(forbidden or " · ".join(said))
        set_role(self._state, "role", "warn" if forbidden or needs_sign_in else "muted")
        self.sign_in.setVisible(needs_sign_in and not forbidden)
        self.sign_out.setVisible(self.server.auth is ToolAuth.OAUTH and not needs_sign_in)
        self.test.setVisible(not needs_sign_in)
        self.test.setEnabled(not forbidden or self._testing)
        self.unfold.setVisible(bool(tools))
        shown = (tools, rules, always_asks, tuple(denied))
        if shown != self._shown:
            self._shown = shown
            self._show_tools(tools, rules, always_asks, denied)

    def show_testing(self, *, on: bool) -> None:
        """Turn the Test button into one that stops the test, or back."""
        self._testing = on
        name = self.server.name
        self.test.setText(tr("Stop") if on else tr("Test"))
        self.test.setAccessibleName(tr("Stop testing {name}", name=name) if on else tr("Test {name}", name=name))
        if on:
            self._say(tr("Starting…"))

    def show_signing_in(self, *, on: bool) -> None:
        """Turn the button that signs in into one that cancels, or back."""
        name = self.server.name
        self.sign_in.setText(tr("Cancel") if on else tr("Sign in…"))
        spoken = tr("Cancel the sign-in at {name}", name=name) if on else tr("Sign in at {name}", name=name)
        self.sign_in.setAccessibleName(spoken)

    def say(self, text: str) -> None:
        """Show a sentence about a sign-in."""
        self._say(text)

    def show_result(self, tools: int, seconds: float) -> None:
        """Show that the server has started, and its tools."""
        said = trn("Started in {s} s with {n} tool.", "Started in {s} s with {n} tools.", tools, s=f"{seconds:.1f}")
        self._say(said)
        self._set_open(open_=True)

    def show_error(self, error: ParagoneError) -> None:
        """Show why the server could not be started."""
        self._say(sentence(error), bad=True)
        self.log.show()

    def stopped(self) -> None:
        """Show that the test was stopped."""
        self._say(tr("Stopped."))

    _testing = False

    def _say(self, text: str, *, bad: bool = False) -> None:
        set_role(self._outcome, "role", "problem" if bad else "muted")
        self._outcome.setText(text)
        self._outcome.show()
        self.log.hide()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(ElidedLabel(one_line(self.server.name), "strong"))
        words.addWidget(self._state)
        row.addLayout(words, 1)
        shown = QHBoxLayout(self._buttons)
        shown.setContentsMargins(0, 0, 0, 0)
        shown.setSpacing(6)
        self.sign_in.hide()
        self.sign_out.hide()
        for each in (self.sign_in, self.test, self.unfold, self.sign_out, self.edit, self.remove):
            shown.addWidget(each)
        row.addWidget(self._buttons)
        column.addLayout(row)
        column.addWidget(Paragraph(source_text(self.server), "muted"))
        asked = QHBoxLayout(self._question)
        asked.setContentsMargins(0, 0, 0, 0)
        asked.setSpacing(6)
        asked.addWidget(Paragraph(tr("Remove the server, its secrets and your decisions on its tools?")), 1)
        asked.addWidget(self.keep)
        asked.addWidget(self.really)
        self._question.hide()
        column.addWidget(self._question)
        column.addWidget(self._outcome)
        line = QHBoxLayout()
        line.addWidget(self.log)
        line.addStretch(1)
        column.addLayout(line)
        column.addWidget(self._details)
        column.addSpacing(4)
        column.addWidget(hairline())

    def _connect(self) -> None:
        self.test.clicked.connect(lambda: self.test_wanted.emit(self.server))
        self.sign_in.clicked.connect(lambda: self.sign_in_wanted.emit(self.server))
        self.sign_out.clicked.connect(lambda: self.sign_out_wanted.emit(self.server))
        self.edit.clicked.connect(lambda: self.edit_wanted.emit(self.server))
        self.unfold.clicked.connect(lambda: self._set_open(open_=not self._open))
        self.log.clicked.connect(lambda: self.log_wanted.emit(self.server.name))
        self.remove.clicked.connect(self._ask)
        self.keep.clicked.connect(self._stay)
        self.really.clicked.connect(lambda: self.removed.emit(self.server))

    def _set_open(self, *, open_: bool) -> None:
        self._open = open_
        self._details.setVisible(open_)
        name = self.server.name
        self.unfold.setText(tr("Hide tools") if open_ else tr("Tools"))
        shown = tr("Hide the tools of {name}", name=name) if open_ else tr("Show the tools of {name}", name=name)
        self.unfold.setAccessibleName(shown)

    def _show_tools(
        self, tools: Sequence[ToolInfo], rules: dict[str, Permission], always_asks: str, denied: Sequence[str]
    ) -> None:
        while self._list.count():
            item = self._list.takeAt(0)
            if item is not None and (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.boxes = {}
        if always_asks:
            self._list.addWidget(Paragraph(always_asks, "warn"))
        self._list.addWidget(self._row(None, rules, forbidden=False))
        for info in tools:
            self._list.addWidget(self._row(info, rules, forbidden=info.tool in denied))

    def _row(self, info: ToolInfo | None, rules: dict[str, Permission], *, forbidden: bool) -> QWidget:
        """Return the row of a tool, or of all tools if it is None."""
        tool = info.tool if info is not None else ANY
        part = QWidget()
        row = QHBoxLayout(part)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(1)
        if info is None:
            words.addWidget(label(tr("All tools"), "strong"))
            words.addWidget(Paragraph(tr("Unless a tool has its own setting below"), "muted"))
        else:
            title = one_line(info.title)
            words.addWidget(ElidedLabel(one_line(tool) if title in ("", tool) else f"{one_line(tool)} · {title}"))
            if told := " ".join(description(info.description).split()):
                shown = told if len(told) <= _MOST_DESCRIBED else f"{told[:_MOST_DESCRIBED]}…"
                words.addWidget(Paragraph(shown, "muted"))
            if claims := claims_text(info):
                words.addWidget(Paragraph(claims, "muted"))
            if forbidden:
                words.addWidget(Paragraph(tr("Your organization does not allow this tool."), "warn"))
        row.addLayout(words, 1)
        box = self.boxes[tool] = ChoiceBox(tr("Decision on {tool}", tool=one_line(tool) or tr("All tools")))
        verdicts = _VERDICTS if info is not None else _VERDICTS[1:]
        names = {
            None: tr("As for all"),
            Permission.ASK: tr("Ask"),
            Permission.ALLOW: tr("Allow"),
            Permission.DENY: tr("Deny"),
        }
        box.addItems([names[each] for each in verdicts])
        default = None if info is not None else Permission.ASK
        box.setCurrentIndex(verdicts.index(rules.get(tool, default)))
        box.fit()
        box.setEnabled(not forbidden)
        box.currentIndexChanged.connect(partial(self._decide, tool, verdicts))
        row.addWidget(box)
        return part

    def _decide(self, tool: str, verdicts: Sequence[Permission | None], index: int) -> None:
        chosen = verdicts[index]
        is_default = tool == ANY and chosen is Permission.ASK
        self.decided.emit(self.server.name, tool, None if is_default else chosen)

    @Slot()
    def _ask(self) -> None:
        self._buttons.hide()
        self._question.show()
        self.keep.setFocus()

    @Slot()
    def _stay(self) -> None:
        self._question.hide()
        self._buttons.show()
        self.remove.setFocus()
