"""Names of models as chips that wrap; those that are retired say so in another colour."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from ui.strings import tr, trn
from ui.widgets.labels import label
from ui.widgets.wrapping_layout import WrapLayout

_AT_MOST = 24


class ModelChips(QWidget):
    """Shows as many as can be read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Models found"))
        self._layout = WrapLayout(self)
        self._texts: list[str] = []
        self.hide()

    @property
    def texts(self) -> tuple[str, ...]:
        """What the chips say."""
        return tuple(self._texts)

    def show_names(self, names: Sequence[tuple[str, str]]) -> None:
        """Show names, each with what is to be known of it before it is chosen, or nothing."""
        while (item := self._layout.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._texts = []
        for name, warning in names[:_AT_MOST]:
            self._add(f"{name} · {warning}" if warning else name, warned=bool(warning))
        if len(names) > _AT_MOST:
            self._add(trn("and {n} more", "and {n} more", len(names) - _AT_MOST), warned=False)
        self.setVisible(bool(names))
        self.updateGeometry()

    def _add(self, text: str, *, warned: bool) -> None:
        chip = label(text, "chip")
        chip.setProperty("tone", "warn" if warned else "plain")
        self._texts.append(text)
        self._layout.addWidget(chip)
