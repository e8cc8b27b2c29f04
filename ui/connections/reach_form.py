"""Advanced part of the connection form: time-outs, extra headers and retention."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

import math

import msgspec
from PySide6.QtCore import QEvent, QLocale, Qt, Signal, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.domain.conversation_types import MOST_DAYS, Connection
from desktop.errors import AddressInvalid, UsageError
from desktop.net.headers import belongs_in_keyring
from desktop.net.http import checked_headers
from desktop.net.origin import same_origin
from desktop.settings.option import Option
from desktop.settings.schema import CONNECT_TIMEOUT, FIRST_TOKEN_TIMEOUT, IDLE_TIMEOUT, RETENTION, RETENTION_DAYS
from desktop.settings.values import Settings, check_header_name, check_headers
from desktop.text.phrases import phrase
from ui.base.icons import icon
from ui.base.strings import sentence, tr, trn
from ui.connections.form_fields import captioned, field
from ui.widgets.buttons import button
from ui.widgets.labels import label, set_role
from ui.widgets.paragraph import Paragraph


class HeaderRow(QWidget):
    """One header with name, value and a remove button. Values that look like secrets are masked."""

    edited = Signal()
    removed = Signal(object)
    """Emitted when the user removes this row."""

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
        """Whether the value must be stored in the keyring."""
        return self.was_secret or self._was_key or belongs_in_keyring(self.name.text(), self.value.text())

    def call(self, number: int) -> None:
        """Set the accessible names, which contain the row's number."""
        self.name.setAccessibleName(tr("Name of header {number}", number=number))
        self.value.setAccessibleName(tr("Value of header {number}", number=number))
        self.remove.setAccessibleName(tr("Remove header {number}", number=number))

    def keep(self) -> None:
        """Mark the value as stored in the keyring. It remains unless the user types another one."""
        self.was_secret = True
        self.name.setReadOnly(True)
        self.value.setPlaceholderText(tr("Leave empty to keep the current value"))
        self._mask()

    @property
    def kept(self) -> bool:
        """Whether the stored value remains."""
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
    """Return the length of the common prefix of two texts."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (this, that) in pairs if this != that), min(len(one), len(other)))


LEAST_S, MOST_S = 0.1, 3600.0
"""Minimum and maximum time-out in seconds, as in desktop.domain.conversation_types."""

_TIMES: tuple[tuple[str, Option[float]], ...] = (
    ("connect_timeout_s", CONNECT_TIMEOUT),
    ("first_token_timeout_s", FIRST_TOKEN_TIMEOUT),
    ("idle_timeout_s", IDLE_TIMEOUT),
)
_ABOUT_HEADERS = phrase(
    "Sent with every request. Values that contain keys are stored in the keyring, all others in the settings file."
)


class ReachForm(QWidget):
    """Form for advanced options, collapsed unless `existing` uses them.

    Empty fields use the values from the settings.
    """

    edited = Signal()
    grown = Signal()
    """Emitted when the height of the form changes."""

    def __init__(self, settings: Settings, existing: Connection | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._existing = existing
        self.fold = Fold(tr("More: timeouts and headers"))
        self.times = {name: field(tr(option.label), number_text(settings.get(option))) for name, option in _TIMES}
        self.keep = field(tr("Days to keep conversations"), _kept(settings))
        self.add = button(tr("Add header"), "link")
        self.headers: list[HeaderRow] = []
        self._said = Paragraph("", "problem")
        self._inside = QWidget()
        self._rows = QVBoxLayout()
        self._about = Paragraph(tr(_ABOUT_HEADERS), "muted")
        self._lay_out()
        self.fold.toggled.connect(self._unfold)
        self.add.clicked.connect(self._add_empty)
        for each in (*self.times.values(), self.keep):
            each.textEdited.connect(self._typed)
        if existing is not None:
            self._fill(existing)
        self._unfold(open_=self.fold.isChecked())

    @property
    def said(self) -> str:
        """The error in the input, if any."""
        return self._said.text()

    def apply(self, connection: Connection) -> Connection:
        """Return the connection with the entered values.

        Raises:
            UsageError: If a value is invalid. The form also shows the error.
        """
        try:
            own = {name: self._seconds(name, tr(option.label)) for name, option in _TIMES}
            changed = msgspec.structs.replace(
                connection, keep_days=self._days(), headers=self._headers(), secret_headers=self._secret(), **own
            )
            self._refuse_moved(changed)
            checked_headers(changed, {})
        except AddressInvalid as error:
            self.say(sentence(error))
            raise UsageError(error.message, hint=error.hint) from error
        except UsageError as error:
            self.say(sentence(error))
            raise
        self.say("")
        return changed

    def say(self, text: str) -> None:
        """Show an error; an empty text hides it."""
        self._said.setText(text)
        self._said.setVisible(bool(text))
        if text:
            self.fold.setChecked(True)
        self.grown.emit()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignLeading)
        column.addWidget(self._inside)
        inside = QVBoxLayout(self._inside)
        inside.setContentsMargins(0, 10, 0, 0)
        inside.setSpacing(12)
        row = QHBoxLayout()
        row.setSpacing(12)
        for name, option in _TIMES:
            timed, _ = captioned(tr(option.label), self.times[name], tr("s"))
            row.addLayout(timed, 1)
        inside.addLayout(row)
        kept, _ = captioned(tr("Days to keep conversations"), self.keep, tr("0: until Paragone quits"))
        inside.addLayout(kept)
        self._rows.setSpacing(8)
        self._rows.setContentsMargins(0, 0, 0, 0)
        headed = QVBoxLayout()
        headed.setSpacing(6)
        headed.addWidget(label(tr("Extra headers"), "caption"))
        headed.addLayout(self._rows)
        headed.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeading)
        headed.addWidget(self._about)
        inside.addLayout(headed)
        inside.addWidget(self._said)
        self._said.hide()

    def _fill(self, existing: Connection) -> None:
        for name, line in self.times.items():
            seconds: float | None = getattr(existing, name)
            line.setText("" if seconds is None else number_text(seconds))
        if existing.keep_days is not None:
            self.keep.setText(number_text(existing.keep_days))
        for name, value in existing.headers.items():
            self._add_row(name, value)
        for name in existing.secret_headers:
            self._add_row(name).keep()
        fields = (*self.times.values(), self.keep)
        self.fold.setChecked(bool(self.headers) or any(line.text() for line in fields))

    def _seconds(self, name: str, called: str) -> float | None:
        text = self.times[name].text().strip()
        if not text:
            return None
        seconds = number_of(text)
        if seconds is None or not LEAST_S <= seconds <= MOST_S:
            raise UsageError(
                phrase(
                    "“{field}” must be between {least} and {most} seconds, or empty.",
                    field=called,
                    least=number_text(LEAST_S),
                    most=number_text(MOST_S),
                )
            )
        return seconds

    def _days(self) -> int | None:
        text = self.keep.text().strip()
        if not text:
            return None
        days = number_of(text)
        if days is None or days != int(days) or not 0 <= days <= MOST_DAYS:
            raise UsageError(phrase("Enter a whole number of days, {most} at most.", most=number_text(MOST_DAYS)))
        return int(days)

    def _headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        for row in self.headers:
            name, value = row.name.text().strip(), row.value.text().strip()
            if not name and not value:
                continue
            if not name:
                raise UsageError(phrase("A header has a value but no name."))
            if name.casefold() in {each.casefold() for each in headers}:
                raise UsageError(phrase("The header {name} is defined twice.", name=name))
            check_header_name(name)
            check_headers({name: value})
            if not row.kept:
                headers[name] = value
        return headers

    def _secret(self) -> tuple[str, ...]:
        """Return the names of headers whose values are in the keyring."""
        return tuple(row.name.text().strip() for row in self.headers if row.was_secret)

    def bind(self, address: str) -> None:
        """Record the server for which new values were typed.

        This is the server of the address, or the one recorded before if the address is empty.
        """
        for row in self.headers:
            if row.value.text() != row.bound:
                row.bound = row.value.text()
                row.meant_for = address or row.meant_for

    def take_out(self, address: str) -> None:
        """Discard secret values that were typed for another server, and show a note about it."""
        for row in self.headers:
            meant = row.meant_for
            if row.is_secret and row.typed and row.value.text() and meant and not same_origin(address, meant):
                row.value.clear()
                row.taken = True
            row.bound, row.meant_for = row.value.text(), address

    def _refuse_moved(self, changed: Connection) -> None:
        """Make sure that no secret header is sent to another server.

        Raises:
            UsageError: If a secret header would be sent to another server.
        """
        moved = self._existing is not None and not same_origin(changed.url, self._existing.url)
        for row in self.headers:
            from_file = row.is_secret and (row.kept or (row.value.text() and not row.typed))
            if (moved and from_file) or (row.taken and not row.value.text()):
                raise UsageError(
                    phrase(
                        "The header {name} was entered for another server. Enter its value again, or "
                        "remove the header.",
                        name=row.name.text(),
                    )
                )

    @Slot()
    def _typed(self) -> None:
        if self.said:
            self.say("")
        self.edited.emit()

    def _unfold(self, open_: bool) -> None:  # noqa: FBT001 - Qt's signal
        self._inside.setVisible(open_)
        self.grown.emit()

    def _add_row(self, name: str = "", value: str = "") -> HeaderRow:
        row = HeaderRow(name, value)
        before = self.headers[-1].remove if self.headers else self.keep
        self.headers.append(row)
        self._rows.addWidget(row)
        row.show()  # at once: what is hidden takes no focus
        for one, next_ in ((before, row.name), (row.name, row.value), (row.value, row.remove), (row.remove, self.add)):
            QWidget.setTabOrder(one, next_)
        row.edited.connect(self._typed)
        row.removed.connect(self._remove)
        self._number()
        return row

    @Slot()
    def _add_empty(self) -> None:
        self._add_row().name.setFocus()
        self.grown.emit()

    @Slot(object)
    def _remove(self, row: HeaderRow) -> None:
        place = self.headers.index(row)
        self.headers.remove(row)
        self._rows.removeWidget(row)
        near = self.headers[min(place, len(self.headers) - 1)].remove if self.headers else self.add
        near.setFocus()
        row.hide()
        row.deleteLater()
        self._number()
        self._typed()
        self.grown.emit()

    def _number(self) -> None:
        for number, row in enumerate(self.headers, 1):
            row.call(number)


class Fold(QPushButton):
    """Button that expands or collapses the content below it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setAutoDefault(False)
        set_role(self, "role", "link")
        self.toggled.connect(self._draw)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        """Redraw the arrow after a change of colors or direction."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.LayoutDirectionChange):
            self._draw()

    @Slot()
    def _draw(self) -> None:
        closed = "chevron-left" if self.isRightToLeft() else "chevron-right"
        colour = self.palette().color(QPalette.ColorRole.PlaceholderText).name()
        self.setIcon(icon("chevron-down" if self.isChecked() else closed, colour, 16))


def number_text(value: float) -> str:
    """Format a number in the user's locale without trailing zeros."""
    locale = QLocale()
    locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
    return locale.toString(float(value), "g", 9)


def number_of(text: str) -> float | None:
    """Parse a number in the user's locale or with a decimal point. Returns None if the text is not a number."""
    for locale in (QLocale(), QLocale.c()):
        value, is_number = locale.toDouble(text)
        if is_number and math.isfinite(value):
            return value
    return None


def _kept(settings: Settings) -> str:
    """Return the placeholder for an empty retention field, which describes the retention in the settings."""
    match settings.get(RETENTION):
        case "run":
            return tr("until Paragone quits (from settings)")
        case "days":
            days = settings.get(RETENTION_DAYS)
            return trn("{n} day (from settings)", "{n} days (from settings)", days)
        case _:
            return tr("always (from settings)")
