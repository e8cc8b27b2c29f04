"""Welcome screen of an empty conversation, with examples and a way to add a connection."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.text.phrases import phrase
from ui.base.strings import tr
from ui.widgets.labels import label
from ui.widgets.paragraph import Paragraph
from ui.widgets.viewport import put_viewport

WIDTH = 720
_ROOMY = 600
"""Minimum width in pixels at which the cards are side by side."""

_NARROW = 400
"""Minimum width in pixels at which a button is beside its description."""

_HIGH = 360
_SPACE = 20

_SEVERAL_EMBEDDED = phrase(
    "Prompts go to every pane whose chip is on. This pane's model works without an account or network."
)
_EMBEDDED_TOO = phrase("The embedded model works without an account or network.")
_EMBEDDED = phrase(
    "The embedded model is ready to use, without an account or network. Add Azure AI Foundry or another "
    "server for larger models."
)

EXAMPLES = (
    (
        phrase("Explain"),
        phrase("Why the sky is blue, for a ten-year-old"),
        phrase("Explain to a ten-year-old why the sky is blue."),
    ),
    (
        phrase("Translate"),
        phrase("“Where is the station?” into Italian and Japanese"),
        phrase("Translate “Where is the station?” into Italian and Japanese."),
    ),
    (
        phrase("Reply"),
        phrase("A kind reply to a customer whose package is late"),
        phrase("Write a kind reply to a customer whose package is late."),
    ),
)


class Card(QPushButton):
    """Button with wrapped text, as tall as the text needs."""

    def __init__(self, title: str, short: str) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setAccessibleName(tr("{title}: {text}", title=title, text=short))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        head, description = label(title, "caption"), Paragraph(short)
        column = QVBoxLayout(self)
        column.setContentsMargins(15, 14, 15, 14)
        column.setSpacing(5)
        column.addWidget(head, 0, Qt.AlignmentFlag.AlignLeading)
        column.addWidget(description)
        column.addStretch(1)
        for each in (head, description):
            each.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        """Return the size that fits the text."""
        return self._inner().totalSizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return the minimum size for the text."""
        return self._inner().totalMinimumSize()

    def _inner(self) -> QLayout:
        layout = self.layout()
        assert layout is not None
        return layout


class Welcome(QScrollArea):
    """Screen of an empty conversation. Choosing an example puts its text into the composer."""

    example_chosen = Signal(str)
    add_connection_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        put_viewport(self)
        self._offers = True
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(tr("Welcome"))
        inner = QWidget(self.viewport())  # each within what holds it: another parent is dear
        inner.setProperty("role", "canvas")
        self.setWidget(inner)
        middle = QWidget(inner)
        self._said = Paragraph("", "muted")
        self._cards = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._named = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._offered = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._bar = self._foundry(middle)
        self._heading = Paragraph(tr("Ask anything, with one model or several side by side"))
        self._several, self._destination = False, ""
        middle.setMaximumWidth(WIDTH)
        middle.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._column = QVBoxLayout(middle)
        self._fill(self._column)
        across = QHBoxLayout()
        across.addStretch(0)
        across.addWidget(middle, 1)
        across.addStretch(0)
        self._around = QVBoxLayout(inner)
        self._around.addStretch(1)
        self._around.addLayout(across)
        self._around.addStretch(1)
        self.set_destination("", offers=True)

    @property
    def said(self) -> str:
        """The sentence below the heading."""
        return self._said.text()

    def set_destination(self, text: str, *, offers: bool) -> None:
        """Show where prompts are sent; empty for the embedded model, which sends nothing.

        `offers` shows a button that adds a connection, for users who have none yet.
        """
        self._destination, self._offers = text, offers
        if self._several:
            begin = tr("Prompts go to every pane whose chip is on. {destination}", destination=text)
            self._said.setText(begin if text else tr(_SEVERAL_EMBEDDED))
        else:
            begin = tr("Type below, or start with an example. {destination}", destination=text)
            self._said.setText(begin if text else tr(_EMBEDDED if offers else _EMBEDDED_TOO))
        self._bar.setVisible(offers and (not self._several or not text))

    def set_several(self, *, several: bool) -> None:
        """Set whether there are several panes. If so, only what concerns this pane is shown."""
        if several != self._several:
            self._several = several
            for each in (self._heading, *self.findChildren(Card)):
                each.setVisible(not several)
            self.set_destination(self._destination, offers=self._offers)

    def say(self, text: str) -> None:
        """Show another sentence below the heading."""
        self._said.setText(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the cards in a row or a column, closer together in a low window."""
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        direction = across if self.viewport().width() >= _ROOMY else down
        self._offered.setDirection(across if self.viewport().width() >= _NARROW else down)
        for layout in (self._cards, self._named):
            layout.setDirection(direction)
        self._named.setSpacing(10 if direction == across else 0)
        space = _SPACE if self.viewport().height() >= _HIGH else _SPACE // 2
        self._column.setSpacing(space)
        self._around.setContentsMargins(_SPACE, space, _SPACE, space)
        super().resizeEvent(event)

    def _fill(self, column: QVBoxLayout) -> None:
        column.setContentsMargins(0, 0, 0, 0)
        self._heading.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._heading.setStyleSheet("font-size: 24px; font-weight: 600;")
        column.addWidget(self._heading)
        self._said.setStyleSheet("font-size: 14px;")
        self._said.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._said.setMaximumWidth(520)
        row = QHBoxLayout()
        row.addStretch(0)
        row.addWidget(self._said, 1)
        row.addStretch(0)
        column.addLayout(row)
        column.addLayout(self._cards)
        self._cards.setSpacing(12)
        for title, short, text in EXAMPLES:
            card = Card(tr(title), tr(short))
            card.clicked.connect(partial(self.example_chosen.emit, tr(text)))
            self._cards.addWidget(card, 1)
        column.addWidget(self._bar)
        self._bar.raise_()  # a screen reader reads it last

    def _foundry(self, parent: QWidget) -> QFrame:
        bar = QFrame(parent)
        bar.setObjectName("foundry")
        row = self._offered
        bar.setLayout(row)
        row.setContentsMargins(15, 9, 15, 9)
        row.setSpacing(10)
        name = label(tr("Azure AI Foundry"), "strong")
        self._named.addWidget(name, 0, Qt.AlignmentFlag.AlignVCenter)
        said = Paragraph(tr("Grok, GPT, Llama and more with one address and key"))
        said.setAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        self._named.addWidget(said, 1)
        row.addLayout(self._named, 1)
        button = QPushButton(tr("Add connection"))
        button.setProperty("role", "tinted")
        button.setAccessibleName(tr("Add connection"))
        button.clicked.connect(self.add_connection_wanted)
        row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        return bar
