"""Files given to the window, dropped or named at a start: exports to be imported, a model to become a connection."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from ui.pane.editor import local_files

_MODEL = ".gguf"


class DroppedFiles(QObject):
    """Takes drops of a window, but for its fields and what is read: there files are for a prompt.

    `import_` gets the files, `add_model` the first model among them.
    """

    def __init__(
        self, window: QWidget, import_: Callable[[Sequence[Path]], object], add_model: Callable[[Path], object]
    ) -> None:
        super().__init__(window)
        self._import = import_
        self._add_model = add_model
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    @Slot(object)
    def take(self, files: Sequence[Path]) -> None:
        """Offer to import them, or to add the model that is among them."""
        model = next((path for path in files if path.suffix.casefold() == _MODEL), None)
        if model is not None:
            self._add_model(model)
        else:
            self._import(files)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Accept what is nothing but files, and give it on when it is let go."""
        if isinstance(event, QDropEvent) and event.type() in (QEvent.Type.DragEnter, QEvent.Type.Drop):
            files = local_files(event.mimeData())
            if files:
                event.acceptProposedAction()
            if files and not isinstance(event, QDragEnterEvent):
                self.take(files)
            return bool(files)
        return super().eventFilter(watched, event)
