"""Files given to the window, dropped or named at a start: exports to be imported, a model to become a connection."""

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
"""Bytes of a file in which it says that it is a suite."""


class DroppedFiles(QObject):
    """Takes drops of a window, but for its panes and fields: what is no export goes with the prompt there as well.

    `import_` gets the files, `add_model` the first model among them, `editor` is where prompts are typed now.
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
        """Offer to import them, to add the model that is among them, or to run the suite that is the only one."""
        model = next((path for path in files if path.suffix.casefold() in MODELS), None)
        if model is not None:
            self._add_model(model)
        elif is_suite(files):
            self._open_suite(files[0])
        else:
            self._import(files)

    def _drop(self, files: Sequence[Path]) -> None:
        """Take those that are exports or a model, and attach others."""
        if _is_handed_on(files):
            self.take(files)
        else:
            self._editor().files_given.emit(files)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Accept what is nothing but files, say what becomes of it, and give it on when it is let go."""
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
    """Whether all of them are exports, models or folders of exports, or the only one is a suite."""
    return is_suite(files) or all(path.suffix.casefold() in (*EXPORTS, *MODELS) or path.is_dir() for path in files)


def is_suite(files: Sequence[Path]) -> bool:
    """Whether it is one file, and that says of itself that it is a suite."""
    if len(files) != 1 or files[0].suffix.casefold() not in SUITES:
        return False
    try:
        with open_plain(files[0]) as file:
            return b"paragone-suite/" in file.read(_HEAD)
    except (OSError, ValueError):
        return False


def _is_far(path: Path) -> bool:
    """Whether a file lies on another machine, as Windows names it: to look at it is to sign in there."""
    return path.as_posix().startswith("//")


def _told(files: Sequence[Path]) -> str:
    """What becomes of files that are dropped where nothing else takes them.

    Of what leads to another machine, as a page's link may that is only dragged past, the name alone is looked at.
    """
    if any(map(_is_far, files)):
        is_known, is_run = all(path.suffix.casefold() in (*EXPORTS, *MODELS) for path in files), False
    else:
        is_known, is_run = _is_handed_on(files), is_suite(files)
    if not is_known:
        return tr("Attach to the prompt")
    if is_run:
        return tr("Run the suite…")
    models = any(path.suffix.casefold() in MODELS for path in files)
    return tr("Add as a model…") if models else tr("Import conversations")
