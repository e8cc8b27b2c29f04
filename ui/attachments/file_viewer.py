"""Viewer of attachments: image, scanned pages, or the text that models receive."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractSlider, QDialog, QHBoxLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from desktop.errors import ParagoneError
from desktop.services import Services
from ui.attachments.attached_looks import AttachedLook
from ui.attachments.attachment_text import facts_text
from ui.attachments.files_asked import FilesAsked
from ui.attachments.picture_view import PictureView, picture_levels
from ui.attachments.text_view import TextView, shown_part
from ui.base.icons import icon
from ui.base.strings import number_text, sentence, tr, trn
from ui.base.tasks import Tasks
from ui.base.theme import Theme, Themes
from ui.widgets.announcement import announce
from ui.widgets.buttons import button, pressed_by_enter
from ui.widgets.inputs import Segments
from ui.widgets.labels import ElidedLabel, label, set_role
from ui.widgets.paragraph import Paragraph
from ui.widgets.tips import put_tip
from ui.widgets.window_size import within_screen

if TYPE_CHECKING:
    from desktop.attachments.attachment import Attachment
    from desktop.domain.message_parts import FilePart, ImagePart

_ICON = 16


class ViewerBar(QWidget):
    """Toolbar of the viewer. Shows only the controls that apply to the file."""

    gone = Signal(int)
    """Emitted with 1 for the next file, -1 for the previous."""
    turned = Signal(int)
    """Emitted with the number of pages to move."""
    stepped = Signal(int)
    """Emitted with the number of zoom steps."""
    zoomed = Signal(float)
    """Emitted with a zoom factor; 0 fits the window."""
    form_chosen = Signal()
    ended = Signal()
    """Emitted when the focused button becomes unavailable."""

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
        """Whether the text view is selected instead of the page view."""
        return self._forms.current == 1

    @property
    def zoom(self) -> str:
        """The zoom as displayed."""
        return self._zoom.text()

    def show_files(self, at: int, count: int) -> None:
        """Show the index of the file among the files of its prompt."""
        self._files.setVisible(count > 1)
        self._offer(self._before, shown=count > 1, usable=at > 0)
        self._offer(self._after, shown=count > 1, usable=at < count - 1)
        self._files.setText(tr("File {n} of {count}", n=number_text(at + 1), count=number_text(count)))

    def show_first_form(self) -> None:
        """Select the page view."""
        with QSignalBlocker(self._forms):
            self._forms.choose(0)

    def show_forms(self, *, pictures: bool, text: bool, pages: int, page: int) -> None:
        """Offer the page and text views that the file has, and show the current page."""
        paged = pictures and pages > 1 and not (text and self.is_text)
        self._pages.setVisible(paged)
        self._offer(self._up, shown=paged, usable=page > 0)
        self._offer(self._down, shown=paged, usable=page < pages - 1)
        self._pages.setText(tr("Page {n} of {count}", n=number_text(page + 1), count=number_text(pages)))
        self._forms.setVisible(pictures and text)

    def show_zoom(self, zoom: float, *, fits: bool, shrinks: bool, grows: bool) -> None:
        """Show the zoom (0 for no image) and which zoom buttons are enabled."""
        self._zoom.setVisible(bool(zoom))
        uses = ((self._smaller, shrinks), (self._larger, grows), (self._whole, not fits), (self._pixels, True))
        for each, usable in uses:
            self._offer(each, shown=bool(zoom), usable=usable)
        self._zoom.setText(tr("{n}%", n=number_text(round(zoom * 100))))

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme to the icons."""
        for each, (name, mirrored) in self._icons.items():
            each.setIcon(icon(mirrored if self.isRightToLeft() else name, theme.muted, _ICON))

    def _offer(self, button: QToolButton, *, shown: bool, usable: bool) -> None:
        """Show and enable a button; if it had the focus, emit `ended` before Qt moves the focus."""
        if button.hasFocus() and not (shown and usable):
            self.ended.emit()
        button.setVisible(shown)
        button.setEnabled(usable)

    def _button(self, name: str, mirrored: str, text: str, keys: str) -> QToolButton:
        tool_button = QToolButton()
        tool_button.setProperty("role", "quiet")
        tool_button.setAccessibleName(text)
        put_tip(tool_button, f"{text} ({QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)})")
        if name:
            self._icons[tool_button] = name, mirrored
        return tool_button

    @Slot(int)
    def _chosen(self, number: int) -> None:
        del number
        self.form_chosen.emit()


_SIZE, _LEAST = QSize(960, 760), QSize(388, 100)
"""Initial size of the window, and minimum size of its content."""

_PAGING = {
    Qt.Key.Key_PageUp: QAbstractSlider.SliderAction.SliderPageStepSub,
    Qt.Key.Key_PageDown: QAbstractSlider.SliderAction.SliderPageStepAdd,
    Qt.Key.Key_Home: QAbstractSlider.SliderAction.SliderToMinimum,
    Qt.Key.Key_End: QAbstractSlider.SliderAction.SliderToMaximum,
}
_LATE_MS = 300
"""Delay before the viewer says that a file is loading."""


class FileViewer(QDialog):
    """Window that shows attachments, one per main window. Shows only data re-encoded by the child process."""

    save_wanted = Signal(object)
    copy_wanted = Signal(object)

    def __init__(self, services: Services, tasks: Tasks, themes: Themes, window: QWidget) -> None:
        super().__init__(window)
        self._services = services
        self._tasks = tasks
        self._asked: FilesAsked | None = None
        self._at = 0
        self._page = 0
        self._attachment: Attachment | None = None
        self._drawn: Attachment | None = None
        """That of which a page was shown last."""
        self._task: asyncio.Task[None] | None = None
        self.name = ElidedLabel("", "heading")
        self.facts = label("", "muted")
        self.gets = Paragraph("", "muted")
        self.said = Paragraph("", "muted")
        self.bar = ViewerBar(themes.current)
        self.picture = PictureView(themes.current)
        self.text = TextView()
        self._nothing = Paragraph("", "muted")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        self._nothing.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._late = QTimer(self, singleShot=True, interval=_LATE_MS)
        self._remove = button(tr("Remove"))
        self._copy = button(tr("Copy"))
        self._save = button(tr("Save as…"))
        self._close = button(tr("Close"))
        self._stack.setMinimumSize(_LEAST)
        self.resize(within_screen(self, _SIZE))
        self._lay_out()
        self._connect()
        themes.changed.connect(self._themed)
        self._themed(themes.current)

    @property
    def part(self) -> ImagePart | FilePart | None:
        """The displayed file, or None."""
        return self._asked.files[self._at] if self._asked is not None else None

    @property
    def is_ready(self) -> bool:
        """Whether the file is completely displayed."""
        return (self._task is None or self._task.done()) and self.text.is_filled

    def view(self, asked: FilesAsked) -> None:
        """Show a file of a prompt."""
        self._asked, self._at = asked, asked.at
        self._remove.setVisible(asked.remove is not None)
        self._show_file()
        shown = self._stack.currentWidget() or self._nothing
        shown.setFocus(Qt.FocusReason.OtherFocusReason)
        self.show()
        self.raise_()
        self.activateWindow()

    def say(self, text: str, *, bad: bool = False) -> None:
        """Show the outcome of a command."""
        self.said.setText(text)
        self.said.setVisible(bool(text))
        set_role(self.said, "role", "problem" if bad else "muted")

    def done(self, result: int) -> None:
        """Release the file and give the focus back to the widget that had it before."""
        request, self._asked, self._attachment = self._asked, None, None
        self._late.stop()
        if self._task is not None:
            self._task.cancel()
        super().done(result)
        self.picture.put(())
        self.text.empty()
        if request is not None:
            back = request.back()
            if isValid(back):
                back.window().activateWindow()
                back.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Handle navigation keys, except inside a focused text."""
        back, forward = Qt.Key.Key_Left, Qt.Key.Key_Right
        if self.isRightToLeft():
            back, forward = forward, back
        if pressed_by_enter(event):
            return
        match event.key():
            case _ if event.matches(QKeySequence.StandardKey.Copy):
                self._copy.click()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                pass  # it has no button that is pressed from elsewhere
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self._step(1)
            case Qt.Key.Key_Minus:
                self._step(-1)
            case Qt.Key.Key_0:
                self._zoom_to(0)
            case Qt.Key.Key_1:
                self._zoom_to(1)
            case key if key in _PAGING:
                self._page_by(Qt.Key(key))
            case key if key in (back, forward):
                self._go(1 if key == forward else -1)
            case _:
                super().keyPressEvent(event)

    def _lay_out(self) -> None:
        for each in (self.picture, self.text, self._nothing):
            self._stack.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(4)
        column.addWidget(self.name)
        column.addWidget(self.facts)
        column.addWidget(self.gets)
        column.addSpacing(6)
        column.addWidget(self.bar)
        column.addSpacing(2)
        column.addWidget(self._stack, 1)
        column.addWidget(self.said)
        column.addSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._remove)
        row.addStretch(1)
        for each in (self._copy, self._save, self._close):
            row.addWidget(each)
        column.addLayout(row)

    def _connect(self) -> None:
        self.bar.gone.connect(self._go)
        self.bar.turned.connect(self._turn)
        self.bar.stepped.connect(self._step)
        self.bar.zoomed.connect(self._zoom_to)
        self.bar.form_chosen.connect(self._show_form)
        self.bar.ended.connect(self._look_at)
        self.picture.zoomed.connect(self._show_zoom)
        self._remove.clicked.connect(self._take_off)
        self._copy.clicked.connect(lambda: self.copy_wanted.emit(self.part))
        self._save.clicked.connect(lambda: self.save_wanted.emit(self.part))
        self._close.clicked.connect(self.reject)
        self._late.timeout.connect(self._say_reading)
        for keys, do in (
            (self.bar.previous_keys, partial(self._go, -1)),
            (self.bar.next_keys, partial(self._go, 1)),
            ("Ctrl+S", self._save.click),
            ("Ctrl++", partial(self._step, 1)),
            ("Ctrl+=", partial(self._step, 1)),
            ("Ctrl+-", partial(self._step, -1)),
            ("Ctrl+0", partial(self._zoom_to, 0)),
            ("Ctrl+1", partial(self._zoom_to, 1)),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(do)

    @Slot(int)
    def _go(self, by: int) -> None:
        """Show another file of the prompt."""
        if self._asked is not None and 0 <= self._at + by < len(self._asked.files):
            self._at += by
            self._show_file()
            announce(self, self.name.text())  # the keyboard stays where it is, in a text that is another one now

    @Slot(int)
    def _turn(self, by: int) -> None:
        """Show another page."""
        pages = self._attachment.shown_pages if self._attachment is not None else 0
        if 0 <= self._page + by < pages and self._stack.currentWidget() is self.picture:
            self._page += by
            self._start(self._draw(turned=True))

    def _page_by(self, key: Qt.Key) -> None:
        """Handle paging keys, scrolling the text if that is shown."""
        if self._stack.currentWidget() is self.text:
            self.text.verticalScrollBar().triggerAction(_PAGING[key])
            return
        last = self._attachment.shown_pages - 1 if self._attachment is not None else 0
        ends = {Qt.Key.Key_Home: -self._page, Qt.Key.Key_End: last - self._page, Qt.Key.Key_PageUp: -1}
        if by := ends.get(key, 1):
            self._turn(by)

    @Slot(int)
    def _step(self, by: int) -> None:
        self.picture.step(by)
        self._tell_zoom()

    @Slot(float)
    def _zoom_to(self, zoom: float) -> None:
        self.picture.zoom_to(zoom)
        self._tell_zoom()

    def _tell_zoom(self) -> None:
        if self._stack.currentWidget() is self.picture:
            announce(self, self.bar.zoom)

    @Slot()
    def _take_off(self) -> None:
        request = self._asked
        if request is None or request.remove is None:
            return
        request.remove(self._at)
        files = (*request.files[: self._at], *request.files[self._at + 1 :])
        if not files:
            self.reject()
            return
        self._asked = FilesAsked(files, 0, request.gets, request.back, remove=request.remove)
        gone, self._at = request.files[self._at], min(self._at, len(files) - 1)
        self._show_file()
        announce(self, tr("{name} was removed; now showing {next}.", name=gone.name, next=self.name.text()))

    def _show_file(self) -> None:
        request, part = self._asked, self.part
        if request is None or part is None:
            return
        self._attachment, self._drawn, self._page = None, None, 0
        for each in (self.picture, self.text):
            each.setAccessibleName(part.name)  # what one hears of it until it is read
        self.setWindowTitle(part.name)
        self.setAccessibleName(tr("File {name}", name=part.name))
        self.name.setText(part.name)
        self.name.setAccessibleName(part.name)
        self.facts.setText(facts_text(part, None))
        self.gets.hide()
        self.say("")
        self.bar.show_files(self._at, len(request.files))
        self.bar.show_forms(pictures=False, text=False, pages=0, page=0)
        self.picture.put(())
        self.text.empty()
        self._late.start()
        self._start(self._read(request, part))

    async def _read(self, asked: FilesAsked, part: ImagePart | FilePart) -> None:
        """Load and show what was extracted from the file."""
        self.bar.show_first_form()
        try:
            attachment = await self._services.attachments.find(part)
        except ParagoneError as error:
            self._say_nothing(sentence(error))
            return
        look = AttachedLook(attachment)
        if attachment is None:
            self.facts.setText(facts_text(part, look))
            self._say_nothing(tr("{name} no longer exists.", name=part.name))
            return
        self._attachment = attachment
        given = asked.gets(attachment)
        tokens = trn("~{n} token", "~{n} tokens", given.tokens) if given.tokens else ""
        self.facts.setText(" · ".join(filter(None, (facts_text(attachment.part, look), tokens))))
        self.gets.setText(given.said)
        set_role(self.gets, "role", "warn" if given.lacks else "muted")
        self.gets.setVisible(bool(given.said))
        await self._draw()

    async def _draw(self, *, turned: bool = False) -> None:
        """Show the selected page or text. Announce the page number if the user `turned` the page."""
        attachment = self._attachment
        if attachment is None:
            return
        decoded, pages = attachment.decoded, attachment.shown_pages
        has_text = bool(decoded.text and not decoded.text.isspace())
        self.bar.show_forms(pictures=bool(pages), text=has_text, pages=pages, page=self._page)
        self.say("")
        page = None
        if pages and not (has_text and self.bar.is_text):
            try:
                page = await self._services.attachments.page(attachment, self._page)
            except ParagoneError as error:
                self.say(sentence(error), bad=True)
        if page is not None:
            levels = await asyncio.to_thread(picture_levels, page.data, page.media_type)
            self.picture.put(levels, stays=self._drawn is attachment)
            self._drawn = attachment
            self.picture.setAccessibleName(self._picture_name(attachment.name, pages))
            self._show(self.picture)
            if turned:
                announce(self, self.picture.accessibleName())
        elif has_text:
            text, whole = shown_part(decoded.text)
            at = f"[Page {self._page + 1}]" if self._page else ""
            self.text.put(text, fixed=attachment.media.kind.value == "text", at=at)
            self.text.setAccessibleName(tr("Text of {name}", name=attachment.name))
            self._show(self.text)
            if not whole:
                self.say(tr("Only the first {n} characters are shown.", n=number_text(len(text))))
        else:
            self._say_nothing(tr("{name} cannot be displayed.", name=attachment.name))

    def _picture_name(self, name: str, pages: int) -> str:
        if pages < 2:
            return tr("Image {name}", name=name)
        return tr("{name}, page {page} of {pages}", name=name, page=number_text(self._page + 1), pages=pages)

    def _say_nothing(self, text: str) -> None:
        self._nothing.setText(text)
        self._nothing.setAccessibleName(text)
        self._show(self._nothing)

    def _show(self, view: QWidget) -> None:
        """Show the image, the text or a message, keeping the focus inside the viewer."""
        self._late.stop()
        inside = self._stack.isAncestorOf(self.focusWidget())
        self._stack.setCurrentWidget(view)
        if inside:
            view.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_zoom()

    @Slot()
    def _look_at(self) -> None:
        (self._stack.currentWidget() or self._nothing).setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _show_form(self) -> None:
        self._start(self._draw())

    def _start(self, work: Coroutine[object, object, None]) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = self._tasks.start(work, name="attachments.view")

    @Slot()
    def _say_reading(self) -> None:
        if self.part is not None:
            self._say_nothing(tr("Reading {name}…", name=self.part.name))

    @Slot()
    def _show_zoom(self) -> None:
        shown = self._stack.currentWidget() is self.picture and self.picture.is_filled
        zoom = self.picture.zoom if shown else 0
        picture = self.picture
        self.bar.show_zoom(zoom, fits=picture.fits, shrinks=picture.shrinks, grows=picture.grows)

    @Slot(object)
    def _themed(self, theme: Theme) -> None:
        self.bar.themed(theme)
        self.picture.themed(theme)
