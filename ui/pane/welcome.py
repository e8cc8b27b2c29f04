"""What stands in an empty conversation: what to type, and how to add the large models."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ui.theme import Theme
from ui.widgets.parts import label

WIDTH = 720

EXAMPLES = (
    ("Explain", "Why is the sky blue, for a ten-year-old?", "Explain to a ten-year-old why the sky is blue."),
    (
        "Translate",
        "“Where is the station?” into Italian and Japanese",
        "Translate “Where is the station?” into Italian and Japanese.",
    ),
    (
        "Reply",
        "A kind answer to a customer whose parcel is late",
        "Write a kind answer to a customer whose parcel is late.",
    ),
)


class Welcome(QWidget):
    """The first start. An example that is pressed goes into the composer."""

    example_chosen = Signal(str)
    add_connection_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        middle = QWidget()
        middle.setMaximumWidth(WIDTH)
        middle.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(20)
        column.addWidget(self._heading())
        column.addWidget(self._sentence())
        column.addLayout(self._cards())
        column.addWidget(self._foundry())
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(middle, 100)
        across.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(20, 20, 20, 20)
        outer.addStretch(1)
        outer.addLayout(across)
        outer.addStretch(1)

    def set_embedded(self, embedded: bool) -> None:  # noqa: FBT001 - a state
        """Whether the embedded model answers: then it says that nothing is needed."""
        self._said.setText(
            "The embedded model answers now, without account or network. Add Azure AI Foundry or another server "
            "for the large ones."
            if embedded
            else "Type below, or begin with an example. Every answer stays on this computer."
        )

    def themed(self, theme: Theme) -> None:
        """Draw in a theme's colours."""
        self._bar.setStyleSheet(
            f"#foundry {{ background: {theme.surface}; border: 1px solid {theme.line}; border-radius: 8px; }}"
        )

    def _heading(self) -> QWidget:
        heading = label("Ask anything, here or side by side")
        heading.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        heading.setStyleSheet("font-size: 24px; font-weight: 600;")
        return heading

    def _sentence(self) -> QWidget:
        self._said = label()
        self._said.setStyleSheet("font-size: 14px;")
        self._said.setProperty("role", "muted")
        self._said.setWordWrap(True)
        self._said.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._said.setFixedWidth(520)
        self.set_embedded(True)
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(self._said)
        row.addStretch(1)
        return holder

    def _cards(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        for title, short, text in EXAMPLES:
            row.addWidget(self._card(title, short, text), 1)
        return row

    def _card(self, title: str, short: str, text: str) -> QPushButton:
        card = QPushButton()
        card.setProperty("role", "card")
        card.setAccessibleName(f"{title}: {short}")
        card.setCursor(Qt.CursorShape.PointingHandCursor)
        card.setStyleSheet("QPushButton[role='card'] { min-height: 60px; max-height: 60px; }")
        head, said = label(title, "muted"), label(short)
        head.setStyleSheet("font-weight: 600;")
        said.setWordWrap(True)
        said.setAlignment(Qt.AlignmentFlag.AlignTop)
        for each in (head, said):
            each.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        column = QVBoxLayout(card)
        column.setContentsMargins(15, 14, 15, 12)
        column.setSpacing(6)
        column.addWidget(head)
        column.addWidget(said, 1)
        card.clicked.connect(lambda: self.example_chosen.emit(text))
        return card

    def _foundry(self) -> QFrame:
        bar = QFrame()
        bar.setObjectName("foundry")
        self._bar = bar
        row = QHBoxLayout(bar)
        row.setContentsMargins(15, 9, 15, 9)
        row.setSpacing(10)
        name = label("Azure AI Foundry")
        name.setStyleSheet("font-weight: 600;")
        row.addWidget(name)
        row.addWidget(label("Grok, GPT, Llama and more: an address and a key"))
        row.addStretch(1)
        button = QPushButton("Add connection")
        button.setProperty("role", "tinted")
        button.setAccessibleName("Add connection")
        button.clicked.connect(self.add_connection_wanted)
        row.addWidget(button)
        return bar
