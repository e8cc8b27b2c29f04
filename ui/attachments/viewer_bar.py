"""The bar of the viewer of files: to the prompt's other files, from page to page, and how large a picture is shown."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from ui.icons import icon
from ui.strings import number_text, tr
from ui.theme import Theme
from ui.widgets.inputs import Segments
from ui.widgets.labels import label
from ui.widgets.tips import put_tip

_ICON = 16


class ViewerBar(QWidget):
    """Shows only what there is to choose."""

    gone = Signal(int)
    """To another file: 1 for the next, -1 for the one before."""
    turned = Signal(int)
    """To another page."""
    stepped = Signal(int)
    """Larger, or smaller where it is negative."""
    zoomed = Signal(float)
    """To a zoom, 0 for as large as fits."""
    form_chosen = Signal()
    ended = Signal()
    """The button that has the keyboard leads nowhere any more: the keyboard is to go to what is shown."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._icons: dict[QToolButton, tuple[str, str]] = {}
        left, right = "Alt+Left", "Alt+Right"
        self.previous_keys, self.next_keys = (right, left) if self.isRightToLeft() else (left, right)
        self._before = self._button("chevron-left", "chevron-right", tr("Previous file"), self.previous_keys)
        self._after = self._button("chevron-right", "chevron-left", tr("Next file"), self.next_keys)
        self._files = label("", "muted")
        self._up = self._button("chevron-left", "chevron-right", tr("Previous page"), "PgUp")
        self._down = self._button("chevron-right", "chevron-left", tr("Next page"), "PgDown")
        self._pages = label("", "muted")
        self._smaller = self._button("zoom-out", "zoom-out", tr("Smaller"), "-")
        self._larger = self._button("zoom-in", "zoom-in", tr("Larger"), "+")
        self._zoom = label("", "muted")
        self._whole = self._button("maximize", "maximize", tr("Fit to window"), "0")
        self._pixels = self._button("", "", tr("Actual size"), "1")
        self._pixels.setText("1:1")
        self._forms = Segments((tr("Pages"), tr("Text")), tr("View"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for each in (self._before, self._files, self._after):
            row.addWidget(each)
        row.addStretch(1)
        for each in (self._up, self._pages, self._down):
            row.addWidget(each)
        row.addWidget(self._forms)
        row.addStretch(1)
        for each in (self._smaller, self._zoom, self._larger, self._whole, self._pixels):
            row.addWidget(each)
        self._before.clicked.connect(partial(self.gone.emit, -1))
        self._after.clicked.connect(partial(self.gone.emit, 1))
        self._up.clicked.connect(partial(self.turned.emit, -1))
        self._down.clicked.connect(partial(self.turned.emit, 1))
        self._smaller.clicked.connect(partial(self.stepped.emit, -1))
        self._larger.clicked.connect(partial(self.stepped.emit, 1))
        self._whole.clicked.connect(partial(self.zoomed.emit, 0.0))
        self._pixels.clicked.connect(partial(self.zoomed.emit, 1.0))
        self._forms.chosen.connect(self._chosen)
        self.themed(theme)

    @property
    def is_text(self) -> bool:
        """Whether the text is wanted where there are pictures too."""
        return self._forms.current == 1

    @property
    def zoom(self) -> str:
        """How large it says that a picture is shown."""
        return self._zoom.text()

    def show_files(self, at: int, count: int) -> None:
        """Which of the prompt's files it is."""
        self._files.setVisible(count > 1)
        self._offer(self._before, shown=count > 1, usable=at > 0)
        self._offer(self._after, shown=count > 1, usable=at < count - 1)
        self._files.setText(tr("File {n} of {count}", n=number_text(at + 1), count=number_text(count)))

    def show_first_form(self) -> None:
        """Pages before text, whatever was looked at of another file."""
        with QSignalBlocker(self._forms):
            self._forms.choose(0)

    def show_forms(self, *, pictures: bool, text: bool, pages: int, page: int) -> None:
        """What there is of it, and which page is shown."""
        paged = pictures and pages > 1 and not (text and self.is_text)
        self._pages.setVisible(paged)
        self._offer(self._up, shown=paged, usable=page > 0)
        self._offer(self._down, shown=paged, usable=page < pages - 1)
        self._pages.setText(tr("Page {n} of {count}", n=number_text(page + 1), count=number_text(pages)))
        self._forms.setVisible(pictures and text)

    def show_zoom(self, zoom: float, *, fits: bool, shrinks: bool, grows: bool) -> None:
        """How large it is shown, 0 where it is no picture; whether it can be smaller, and larger."""
        self._zoom.setVisible(bool(zoom))
        uses = ((self._smaller, shrinks), (self._larger, grows), (self._whole, not fits), (self._pixels, True))
        for each, usable in uses:
            self._offer(each, shown=bool(zoom), usable=usable)
        self._zoom.setText(tr("{n}%", n=number_text(round(zoom * 100))))

    def themed(self, theme: Theme) -> None:
        """Draw the icons in a theme's colours."""
        for each, (name, mirrored) in self._icons.items():
            each.setIcon(icon(mirrored if self.isRightToLeft() else name, theme.muted, _ICON))

    def _offer(self, button: QToolButton, *, shown: bool, usable: bool) -> None:
        """Qt would pass the keyboard on to another button, which the next press would press."""
        if button.hasFocus() and not (shown and usable):
            self.ended.emit()
        button.setVisible(shown)
        button.setEnabled(usable)

    def _button(self, name: str, mirrored: str, text: str, keys: str) -> QToolButton:
        made = QToolButton()
        made.setProperty("role", "quiet")
        made.setAccessibleName(text)
        put_tip(made, f"{text} ({QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)})")
        if name:
            self._icons[made] = name, mirrored
        return made

    @Slot(int)
    def _chosen(self, number: int) -> None:
        del number
        self.form_chosen.emit()
