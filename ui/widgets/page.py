"""Page of a window: title, sentences and rows in a scrolling column that can be searched."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from ui.base.theme import Theme
from ui.widgets.labels import label
from ui.widgets.paragraph import Paragraph

_WIDEST = 640


class Page(QScrollArea):
    """Scrolling page. Its content is added to `column`; a search finds the page by its title and `keywords`."""

    def __init__(self, title: str, about: str = "", *, keywords: str = "") -> None:
        super().__init__()
        self.title = title
        self._keywords = f"{title} {about} {keywords}".casefold()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(title)
        inner = QWidget()
        inner.setProperty("role", "canvas")
        inner.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        outer = QVBoxLayout(inner)
        outer.setContentsMargins(32, 24, 24, 24)
        content = QWidget()
        content.setMaximumWidth(_WIDEST)
        outer.addWidget(content)
        outer.addStretch(1)
        self.column = QVBoxLayout(content)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.column.addWidget(label(title, "heading"))
        if about:
            self.column.addSpacing(4)
            said = Paragraph(about, "muted")
            self.column.addWidget(said)
        self.column.addSpacing(8)
        self.setWidget(inner)

    def seek(self, words: list[str]) -> bool:
        """Show only the items that contain all of these lower-case words. Returns whether there are any."""
        return all(word in self._keywords for word in words)

    def refresh(self) -> None:
        """Reload the data that is shown."""

    def flush(self) -> None:
        """Save pending input."""

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
