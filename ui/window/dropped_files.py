"""Files dropped on the window or given at startup: exports to import, models to add, and suites to run."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from desktop.system.plain_files import open_plain
from ui.base.strings import tr
from ui.composer.editor import PromptEditor, local_files
from ui.pane.attachment_intake import EXPORTS, MODELS
from ui.widgets.drop_frame import DropFrame
from ui.widgets.on_demand import OnDemand

SUITES = (".yaml", ".yml", ".toml")
_HEAD = 4096
"""Number of bytes at the start of a file in which it must identify itself as a suite."""


class DroppedFiles(QObject):
    """Handles files dropped on the window. Panes and fields pass on only exports and models.

    `import_` is called with exports and `add_model` with the first model file. `editor` returns the prompt field.
    """

    def __init__(
        self,
        window: QWidget,
        import_: Callable[[Sequence[Path]], object],
        add_model: Callable[[Path], object],
        editor: Callable[[], PromptEditor],
        open_suite: Callable[[Path], object],
    ) -> None:
        super().__init__(window)
        self._open_suite = open_suite
        self._import = import_
        self._add_model = add_model
        self._editor = editor
        self._frame = OnDemand(lambda: DropFrame(window))
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    @Slot(object)
    def take(self, files: Sequence[Path]) -> None:
        """Offer to add the first model among the files, to run a single suite, or else to import the files."""
        model = next((path for path in files if path.suffix.casefold() in MODELS), None)
        if model is not None:
            self._add_model(model)
        elif is_suite(files):
            self._open_suite(files[0])
        else:
            self._import(files)

    def _drop(self, files: Sequence[Path]) -> None:
        """Handle exports, models and suites; attach other files."""
        if _is_handed_on(files):
            self.take(files)
        else:
            self._editor().files_given.emit(files)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Accept dragged files, and show what will happen to them."""
        kind = event.type()
        if kind == QEvent.Type.DragLeave and (frame := self._frame.made) is not None:
            frame.say("")
        elif isinstance(event, QDropEvent) and kind in (QEvent.Type.DragEnter, QEvent.Type.Drop):
            files = local_files(event.mimeData())
            if files:
                self._frame().say(_told(files) if kind == QEvent.Type.DragEnter else "")
                event.acceptProposedAction()
            if files and not isinstance(event, QDragEnterEvent):
                self._drop(files)
            return bool(files)
        return super().eventFilter(watched, event)


def _is_handed_on(files: Sequence[Path]) -> bool:
    """Whether all files are exports, models or folders, or there is one file and it is a suite."""
    return is_suite(files) or all(path.suffix.casefold() in (*EXPORTS, *MODELS) or path.is_dir() for path in files)


def is_suite(files: Sequence[Path]) -> bool:
    """Whether there is one file, and it identifies itself as a suite."""
    if len(files) != 1 or files[0].suffix.casefold() not in SUITES:
        return False
    try:
        with open_plain(files[0]) as file:
            return b"paragone-suite/" in file.read(_HEAD)
    except (OSError, ValueError):
        return False


def _is_far(path: Path) -> bool:
    """Whether a path is on another machine, in Windows notation. Accessing it would send credentials there."""
    return path.as_posix().startswith("//")


def _told(files: Sequence[Path]) -> str:
    """Describe what will happen to files that are dropped outside all fields.

    Files on other machines are judged by their names only, because a web page's link may just be dragged across the
    window.
    """
    if any(map(_is_far, files)):
        is_known, is_run = all(path.suffix.casefold() in (*EXPORTS, *MODELS) for path in files), False
    else:
        is_known, is_run = _is_handed_on(files), is_suite(files)
    if not is_known:
        return tr("Attach to the prompt")
    if is_run:
        return tr("Run suite…")
    models = any(path.suffix.casefold() in MODELS for path in files)
    return tr("Add as model…") if models else tr("Import conversations")
