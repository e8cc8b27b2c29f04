"""Card that offers to sign in at a tool server that a conversation could not use."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.tools.approvals import SignInOffer
from ui.base.strings import tr
from ui.tools.approval_card import WaitingCard
from ui.tools.tool_text import one_line
from ui.widgets.buttons import button
from ui.widgets.labels import label
from ui.widgets.paragraph import Paragraph


class SignInCard(WaitingCard):
    """Card of an offer. `answered` carries whether to sign in; false also cancels a sign-in that is running."""

    answered = Signal(object)

    def __init__(self, offer: SignInOffer) -> None:
        server = one_line(offer.server)
        super().__init__(tr("Sign-in at {server}", server=server))
        self.offer = offer
        self._said = Paragraph(tr("Its tools cannot be used until you sign in. Then send the prompt again."), "muted")
        self._problem = Paragraph("", "problem")
        self._problem.hide()
        self.sign_in = button(tr("&Sign in…"), "primary", tr("Sign in at {name}", name=server), by_enter=True)
        self.decline = button(tr("&Not now"), "", tr("Do not sign in at {name} now", name=server), by_enter=True)
        self.column.addWidget(label(tr("{server} requires a sign-in.", server=server), "strong"))
        self.column.addWidget(self._said)
        self.column.addWidget(self._problem)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.sign_in)
        row.addWidget(self.decline)
        row.addStretch(1)
        self.column.addLayout(row)
        self.sign_in.clicked.connect(self._accept)
        self.decline.clicked.connect(self._decline)

    @property
    def first(self) -> QWidget:
        """The button that signs in, or the one that cancels while that waits for the browser."""
        return self.sign_in if self.sign_in.isEnabled() else self.decline

    @property
    def said(self) -> str:
        """What the user should know."""
        return self._said.text()

    @property
    def problem(self) -> str:
        """Why the last sign-in failed."""
        return self._problem.text()

    def say(self, text: str) -> None:
        """Show what the user should know while the browser is open."""
        self._said.setText(text)

    def fail(self, problem: str) -> None:
        """Show why a sign-in failed, and offer it again."""
        self.sign_in.setEnabled(True)
        self.decline.setText(tr("&Not now"))
        self._said.hide()
        self._problem.setText(problem)
        self._problem.show()

    def _accept(self) -> None:
        if not self.is_ready:
            return
        self.sign_in.setEnabled(False)
        self.decline.setText(tr("&Cancel"))
        self._problem.hide()
        self._said.show()
        self.answered.emit(True)  # noqa: FBT003 - Qt's signal

    def _decline(self) -> None:
        if self.is_ready:
            self.answered.emit(False)  # noqa: FBT003 - Qt's signal
