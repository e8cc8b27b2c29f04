"""Export dialog: what to export, the format and the file, which is written atomically."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Sequence
from enum import Enum, auto
from pathlib import Path

from msgspec import structs
from PySide6.QtCore import QStandardPaths, Signal, Slot
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLineEdit, QWidget

from desktop.errors import ParagoneError
from desktop.services import Services
from desktop.settings.policy import EXPORT
from desktop.settings.schema import EXPORT_HTML
from desktop.system.paths import at_home, is_file
from desktop.text.phrases import phrase
from desktop.transfer.export import export
from desktop.transfer.export.export import ExportChoice, ExportFormat
from desktop.transfer.export.exported_files import ExportedFiles
from ui.base.link_opener import open_local
from ui.base.strings import sentence, tr, trn
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.transfer.drop_area import ProgressLine
from ui.transfer.page_words import is_letter, page_words
from ui.widgets.announcement import announce
from ui.widgets.buttons import button
from ui.widgets.dialog_body import DialogBody
from ui.widgets.inputs import Segments, TickBox
from ui.widgets.labels import label, set_role
from ui.widgets.paragraph import Paragraph

_WIDTH = 560
_NAME_LENGTH = 60
_MOST_NAMED = 5
_CARRIED = phrase("Photos are exported unchanged, including location and camera data.")
_UNFIT = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+')

_FORMATS = (
    (phrase("JSON"), "json", phrase("Everything, including all branches. Paragone can import the file again.")),
    (phrase("ZIP"), "zip", phrase("The same JSON in an archive with attached files.")),
    (phrase("Markdown"), "md", phrase("Text to read and edit, with attached files in a folder next to it.")),
    (phrase("Web page"), "html", phrase("One page for any browser, without scripts.")),
    (phrase("PDF"), "pdf", phrase("Pages to print or share, without reasoning.")),
    (phrase("DOCX"), "docx", phrase("A document for Word or LibreOffice, without reasoning.")),
)
_FORMS = (*ExportFormat,)
_PAGES = {
    "md": phrase("Responses turn by turn, with settings, figures and votes, as text to read and edit."),
    "html": phrase("Responses side by side, with settings, figures and votes, as one page for any browser."),
    "pdf": phrase("Responses side by side, with settings, figures and votes, as pages to print or share."),
    "docx": phrase("Responses side by side, with settings, figures and votes, for Word or LibreOffice."),
}
"""Description of each format for a comparison, by file suffix."""


class ExportStep(Enum):
    """Steps of the dialog."""

    ASKING = auto()  # what, how and where is being chosen
    WRITING = auto()  # the file is written; Cancel leaves none
    DONE = auto()  # the file is there


class ExportDialog(QDialog):
    """Dialog for exporting; open it with `open()`.

    `ids` are conversations or comparisons; if there are none, everything is exported.
    """

    exported = Signal(str)
    """Emitted with the format of the file that was written."""

    def __init__(
        self,
        services: Services,
        tasks: Tasks,
        themes: Themes,
        ids: Sequence[str] = (),
        parent: QWidget | None = None,
        *,
        folder: Path | None = None,
        form: str = "",
    ) -> None:
        """Create the dialog; `form` is the format selected at first."""
        super().__init__(parent)
        del themes  # what is shown follows the style sheet alone
        self._services = services
        self._tasks = tasks
        self._ids = tuple(ids)
        self._folder = folder or _documents()
        self._chosen: ExportChoice | None = None
        self._task: asyncio.Task[None] | None = None
        self._step = ExportStep.ASKING
        self._typed = False
        self._agreed: Path | None = None
        """The file of which the user knows that it is there and will be replaced."""
        chosen = trn("This conversation", "{n} selected", len(self._ids))
        everything = tr("Everything")
        self.what = Segments((chosen, everything) if self._ids else (everything,), tr("Content"))
        self.format = Segments([tr(title) for title, _, _ in _FORMATS], tr("Format"))
        if form in _FORMS:
            self.format.choose(_FORMS.index(ExportFormat(form)))
        self.branches = Segments((tr("This branch"), tr("All branches")), tr("Branches"))
        self.files = TickBox(tr("Include attached files"))
        self.files.setChecked(True)
        self.place = QLineEdit()
        self.progress = ProgressLine(tr("Export progress"))
        self._body = DialogBody(self)
        self._about = Paragraph("", "muted")
        self._originals = Paragraph(tr(_CARRIED), "muted")
        self._said = Paragraph("", "muted")
        self._browse = button(tr("Choose…"), name=tr("Choose file"), by_enter=True)
        self._open = button(tr("Open folder"), by_enter=True)
        self._cancel = button(tr("Cancel"), by_enter=True)
        self._go = button(tr("Export"), "primary", by_enter=True)
        self._go.setDefault(True)
        self.setWindowTitle(tr("Export"))
        self.setAccessibleName(tr("Export"))
        self._lay_out()
        self._connect()
        self._format_chosen()
        self._show(ExportStep.ASKING)
        self._start(self._look(), "transfer.choose")

    @property
    def step(self) -> ExportStep:
        """Current step of the dialog."""
        return self._step

    @property
    def said(self) -> str:
        """The displayed result or error."""
        return self._said.text()

    def done(self, result: int) -> None:
        """Close the dialog. A file that is being written is discarded."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
        super().done(result)

    def _lay_out(self) -> None:
        column = self._body.column
        column.addWidget(label(tr("Export"), "heading"))
        for caption, control in ((tr("Content"), self.what), (tr("Format"), self.format)):
            column.addSpacing(16)
            column.addWidget(label(caption, "caption"))
            column.addSpacing(6)
            column.addWidget(control)
        column.addSpacing(6)
        column.addWidget(self._about)
        column.addSpacing(10)
        column.addWidget(self.branches)
        column.addSpacing(10)
        column.addWidget(self.files)
        column.addWidget(self._originals)
        column.addSpacing(16)
        caption = label(tr("File"), "caption")
        caption.setBuddy(self.place)
        column.addWidget(caption)
        column.addSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.place.setAccessibleName(tr("File"))
        row.addWidget(self.place, 1)
        row.addWidget(self._browse)
        column.addLayout(row)
        column.addSpacing(12)
        column.addWidget(self.progress)
        column.addWidget(self._said)
        column.addStretch(1)
        buttons = self._body.buttons
        buttons.addWidget(self._open)
        buttons.addStretch(1)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._go)
        self.setFixedWidth(_WIDTH)

    def _connect(self) -> None:
        self.what.chosen.connect(self._look_again)
        self.format.chosen.connect(self._format_chosen)
        self.files.toggled.connect(self._files_chosen)
        self.place.textEdited.connect(self._place_typed)
        self.place.textChanged.connect(self._place_changed)
        self._browse.clicked.connect(self._choose_place)
        self._open.clicked.connect(self._open_folder)
        self._cancel.clicked.connect(self.reject)
        self._go.clicked.connect(self._write)

    def _show(self, step: ExportStep) -> None:
        self._step = step
        asking = step is ExportStep.ASKING
        for each in (self.what, self.format, self.branches, self.files, self.place, self._browse):
            each.setEnabled(asking)
        self.progress.setVisible(step is ExportStep.WRITING)
        self._said.setVisible(bool(self._said.text()) and step is not ExportStep.WRITING)
        self._go.setVisible(step is not ExportStep.DONE)
        held = self._chosen
        self._go.setEnabled(asking and held is not None and bool(held.conversations or held.comparisons))
        self._open.setVisible(step is ExportStep.DONE)
        self._cancel.setText(tr("Close") if step is ExportStep.DONE else tr("Cancel"))
        self._cancel.setAccessibleName(self._cancel.text())
        self._body.fit_soon()

    def _say(self, text: str, *, bad: bool = False) -> None:
        self._said.setText(text)
        announce(self._said, text)
        set_role(self._said, "role", "problem" if bad else "muted")

    def _start(self, work: Coroutine[object, object, None], name: str) -> None:
        self._task = self._tasks.start(work, name=name, failed=self._failed)

    @Slot()
    def _look_again(self) -> None:
        self._chosen = None
        self._typed = False
        self._show(ExportStep.ASKING)
        if self._task is not None:
            self._task.cancel()
        self._start(self._look(), "transfer.choose")

    async def _look(self) -> None:
        store = await self._services.store()
        everything = not self._ids or self.what.current == 1
        self._chosen = await (export.choose_all(store) if everything else export.choose(store, self._ids))
        if not everything and len(self._ids) == 1 and self._chosen.side_by_side is not None:
            self.what.rename(0, tr("This comparison"))
        self._say(
            "" if self._chosen.conversations or self._chosen.comparisons else tr("There is nothing to export yet.")
        )
        self._format_chosen()
        self._show(ExportStep.ASKING)
        if self._go.isEnabled() and self.focusWidget() in (None, *self.what.findChildren(QWidget)):
            self._go.setFocus()

    @Slot()
    def _format_chosen(self) -> None:
        _, suffix, about = _FORMATS[self.format.current]
        self._about.setText(tr(_PAGES[suffix] if self._as_page else about))
        held = self._chosen
        self.branches.setVisible(self._form.is_readable and not self._as_page and held is not None and held.is_branched)
        self._files_chosen()
        if not self._typed:
            self.place.setText(str(self._folder / f"{self._name()}.{suffix}"))
        else:
            path = Path(self.place.text())
            if path.suffix.lower() in {f".{each}" for _, each, _ in _FORMATS}:
                self.place.setText(str(path.with_suffix(f".{suffix}")))

    @Slot()
    def _files_chosen(self) -> None:
        """Show the options for attachments that apply to the format."""
        self.files.setVisible(not self._form.is_paper and not self._as_page)
        self._originals.setVisible(self.files.isChecked() and not self._form.is_readable)
        self._body.fit_soon()

    @property
    def _as_page(self) -> bool:
        """Whether a comparison is exported as one page, side by side."""
        held = self._chosen
        return held is not None and held.side_by_side is not None and self._form.is_readable

    @property
    def _form(self) -> ExportFormat:
        return _FORMS[self.format.current]

    def _name(self) -> str:
        chosen = self._chosen
        if chosen is None or not self._ids or self.what.current == 1:
            return "Paragone"
        title = next((each.title for each in chosen.comparisons), "") or next(iter(chosen.titles), "")
        return file_name(title) if len(self._ids) == 1 else tr("Conversations")

    @Slot()
    def _place_typed(self) -> None:
        self._typed = True

    @Slot()
    def _place_changed(self) -> None:
        """Ask again before overwriting, because the path has changed."""
        if self._agreed is not None:
            self._agreed = None
            self._name_button(tr("Export"))
            self._say("")
            self._show(self._step)

    @property
    def _path(self) -> Path:
        """The chosen path. A file name alone is in the suggested folder."""
        return self._folder / at_home(Path(self.place.text()))

    def _name_button(self, text: str) -> None:
        self._go.setText(text)
        self._go.setAccessibleName(text)

    @Slot()
    def _choose_place(self) -> None:
        title, suffix, _ = _FORMATS[self.format.current]
        dialog = QFileDialog(self, tr("Export to"), self.place.text())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix)
        dialog.setNameFilters([f"{tr(title)} (*.{suffix})", tr("All files (*)")])
        dialog.fileSelected.connect(self._place_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(str)
    def _place_chosen(self, name: str) -> None:
        self._typed = True
        self.place.setText(name)
        self._agreed = self._path  # the system's dialog asked

    @Slot()
    def _open_folder(self) -> None:
        open_local(self._path.parent)

    @Slot()
    def _write(self) -> None:
        if self._chosen is None or self._step is not ExportStep.ASKING:
            return
        path = self._path
        if is_file(path) and path != self._agreed:
            self._agreed = path
            self._say(tr("{file} already exists. Replace it?", file=path.name))
            self._name_button(tr("Replace"))
            self._show(ExportStep.ASKING)
            return
        self.progress.show_done(0, 1)
        self._show(ExportStep.WRITING)
        self._cancel.setFocus()
        self._start(self._export(self._chosen, path), "transfer.export")

    async def _export(self, choice: ExportChoice, path: Path) -> None:
        self._services.settings.policy.require(EXPORT)
        form, store = self._form, await self._services.store()
        wanted = self.files.isVisible() and self.files.isChecked()
        files = ExportedFiles(store.files, self._services.attachments) if wanted else None
        keep_html, everything = self._services.settings.get(EXPORT_HTML), self.branches.current == 1
        choice = structs.replace(choice, keep_html=keep_html, all_branches=everything and choice.is_branched)
        exporter = await self._services.exporter(page_words(), letter=is_letter())
        unread = await exporter.export(choice, form, path, files=files, progress=self.progress.show_done)
        self.exported.emit(form.value)
        if self._as_page:
            self._end(tr("Comparison saved to {path}", path=path), unread)
            return
        sentence = trn(
            "{n} conversation saved to {path}",
            "{n} conversations saved to {path}",
            len(choice.conversations) - len(unread),
            path=path,
        )
        self._end(sentence, (*(files.missing if files is not None else ()), *unread))

    def _end(self, said: str, lost: Sequence[str]) -> None:
        """Show what was written, and what was missing or damaged."""
        gone = tr("Missing or damaged: {names}", names=listed_names(lost)) if lost else ""
        self._say("\n".join(filter(None, (said, gone))))
        self._show(ExportStep.DONE)
        self._cancel.setFocus()

    def _failed(self, error: ParagoneError) -> None:
        self._say(sentence(error), bad=True)
        self._show(ExportStep.ASKING)
        if self._cancel.hasFocus():  # it got the keyboard to stop what was written; Enter would close now
            self.place.setFocus()


def file_name(title: str) -> str:
    """Return a file name that all systems accept."""
    name = " ".join(_UNFIT.sub(" ", title).split())[:_NAME_LENGTH].strip(" .")
    return name or tr("Conversation")


def listed_names(names: Sequence[str]) -> str:
    """List file names; if there are many, only the first ones."""
    return ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")


def _documents() -> Path:
    found = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(found) if found and Path(found).is_dir() else Path.home()
