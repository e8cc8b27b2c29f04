"""Files given to the window, dropped or named at a start: exports to be imported, a model to become a connection."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

_MODEL = ".gguf"


class DroppedFiles(QObject):
    """Takes drops of a window. `import_` gets the files, `add_model` the first model among them."""

    def __init__(
        self, window: QWidget, import_: Callable[[Sequence[Path]], object], add_model: Callable[[Path], object]
    ) -> None:
        super().__init__(window)
        self._import = import_
        self._add_model = add_model
        window.setAcceptDrops(True)
        window.installEventFilter(self)

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
            files = files_of(event)
            if files:
                event.acceptProposedAction()
            if files and not isinstance(event, QDragEnterEvent):
                self.take(files)
            return bool(files)
        return super().eventFilter(watched, event)


def files_of(event: QDropEvent) -> list[Path]:
    """The files that are dragged; none where anything else is among them."""
    urls = event.mimeData().urls()
    paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
    return paths if len(paths) == len(urls) else []
