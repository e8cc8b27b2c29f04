"""One extra header in the form: its name, its value, which is hidden where it carries a key, and a way out."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from desktop.headers import belongs_in_keyring
from ui.connections.form_fields import field
from ui.strings import tr
from ui.widgets.buttons import button


class HeaderRow(QWidget):
    """One header: its name, its value, and a button that takes it out. A value that looks secret is not shown."""

    edited = Signal()
    removed = Signal(object)
    """This row is to be taken out."""

    def __init__(self, name: str, value: str) -> None:
        super().__init__()
        self.typed = False
        """Whether another value was entered by hand since the form was opened: more than half of the first is gone."""
        self.bound, self.meant_for = value, ""
        """The value that is meant for the server at an address, none where it stood there before."""
        self.taken = False
        """Whether a value that was typed for another server was taken out."""
        self._first = value
        self._was_key = bool(value) and belongs_in_keyring(name, value)
        self.was_secret = False
        """Whether its value is in the keyring; another one goes there too."""
        self.name = field("", tr("Header"))
        self.value = field("", tr("Value"))
        self.remove = button(tr("Remove"), "link")
        self.name.setText(name)
        self.value.setText(value)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.name, 2)
        row.addWidget(self.value, 3)
        row.addWidget(self.remove)
        self.name.textEdited.connect(self._name_edited)
        self.value.textEdited.connect(self._value_edited)
        self.remove.clicked.connect(self._remove)
        self._mask()

    @property
    def is_secret(self) -> bool:
        """Whether its value belongs into the keyring."""
        return self.was_secret or self._was_key or belongs_in_keyring(self.name.text(), self.value.text())

    def call(self, number: int) -> None:
        """Name the controls after its place, for those who hear them."""
        self.name.setAccessibleName(tr("Name of header {number}", number=number))
        self.value.setAccessibleName(tr("Value of header {number}", number=number))
        self.remove.setAccessibleName(tr("Remove header {number}", number=number))

    def keep(self) -> None:
        """Its value is in the keyring: it is not shown, and stays unless another one is typed."""
        self.was_secret = True
        self.name.setReadOnly(True)
        self.value.setPlaceholderText(tr("Leave empty to keep the current value"))
        self._mask()

    @property
    def kept(self) -> bool:
        """Whether the value that is in the keyring stays."""
        return self.was_secret and not self.value.text()

    def _mask(self) -> None:
        modes = QLineEdit.EchoMode
        self.value.setEchoMode(modes.Password if self.is_secret else modes.Normal)

    @Slot()
    def _name_edited(self) -> None:
        self._mask()
        self.edited.emit()

    @Slot()
    def _remove(self) -> None:
        self.removed.emit(self)

    @Slot(str)
    def _value_edited(self, text: str) -> None:
        left = _alike(text, self._first) + _alike(text[::-1], self._first[::-1])
        if not text or 2 * left <= len(self._first):
            self.typed = True
        self.edited.emit()


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin alike with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (this, that) in pairs if this != that), min(len(one), len(other)))
