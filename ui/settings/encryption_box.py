"""Controls that turn encryption on or off, and show or ask for the recovery code."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.errors import CredentialError, KeyringMissing, ParagoneError, StoreLocked
from desktop.services import Services
from desktop.settings.schema import ENCRYPTION
from desktop.store.encryption.encryption import NewKey
from desktop.text.phrases import phrase
from ui.base.strings import sentence, tr
from ui.base.tasks import Tasks
from ui.settings.options_page import Locked
from ui.widgets.inline_question import Answer, InlineQuestion
from ui.widgets.inputs import TickBox
from ui.widgets.labels import label
from ui.widgets.paragraph import Paragraph

_KEEP_CODE = phrase(
    "Write down the code and store it away from this computer. The code is shown only once. Without the "
    "code or the keyring, nobody can read the conversations."
)
_NOT_PROMISED = phrase(
    "The unencrypted files are overwritten. Solid-state drives, snapshots and system backups may still contain copies."
)


class EncryptionBox(QWidget):
    """Shows and changes whether conversations are encrypted. `reopened` is emitted after they were unlocked."""

    reopened = Signal()

    def __init__(self, services: Services, tasks: Tasks, locked: Locked) -> None:
        super().__init__()
        self._services = services
        self._tasks = tasks
        self._fixed = locked(ENCRYPTION.key)
        self._new: NewKey | None = None
        self.state = Paragraph("", "muted")
        self.said = Paragraph("", "muted")
        self.turn = QPushButton()
        self.code = QPushButton(tr("New recovery code…"))
        self.code.setAccessibleName(tr("New recovery code…"))
        self.asking = InlineQuestion(tr("Encryption"))
        self._build()
        self.turn.clicked.connect(self._turn)
        self.code.clicked.connect(self._new_code)

    def refresh(self) -> None:
        """Update the displayed state, unless a new recovery code is being shown."""
        if self._new is None:
            self._start(self._look(), "look")

    def _build(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(tr(ENCRYPTION.label)))
        words.addWidget(Paragraph(tr(ENCRYPTION.description), "muted"))
        words.addWidget(self.state)
        words.addWidget(self.said)
        self.said.hide()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addLayout(words, 1)
        buttons = QVBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.turn)
        buttons.addWidget(self.code)
        buttons.addStretch(1)
        row.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 12)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self.asking)

    async def _look(self) -> None:
        try:
            store = await self._services.store()
        except (StoreLocked, CredentialError) as error:  # lost, or in a keyring that is locked or silent
            self._show(on=True, state=tr(error.message))
            self._say("")
            self.turn.hide()
            self.code.hide()
            if self.asking.isHidden():
                self._ask_for_code()
            return
        self.turn.show()
        if self._services.new_code:
            code, self._services.new_code = self._services.new_code, ""
            self._show_code(code)
        on = store.encryption.on
        self._show(on=on, state=tr("Conversations are encrypted.") if on else tr("Conversations are not encrypted."))
        self.turn.setEnabled(not store.read_only and not self._fixed)

    def _show(self, *, on: bool, state: str) -> None:
        self.state.setText(f"{state} {self._fixed}".strip())
        text = tr("Turn off…") if on else tr("Encrypt…")
        self.turn.setText(text)
        self.turn.setAccessibleName(tr("Turn off encryption…") if on else tr("Encrypt conversations…"))
        self.turn.setEnabled(not self._fixed)
        self.code.setVisible(on)

    def _say(self, text: str) -> None:
        self.said.setText(text)
        self.said.setVisible(bool(text))

    @Slot()
    def _turn(self) -> None:
        self._say("")
        self._start(self._ask_to_turn(), "ask")

    async def _ask_to_turn(self) -> None:
        store = await self._services.store()
        if store.encryption.on:
            self.asking.ask(
                tr("Turn off encryption?"),
                [
                    tr(
                        "The conversations and their backups will be stored as unencrypted files again, and "
                        "the key will be deleted."
                    )
                ],
                [
                    (tr("Turn off encryption"), "danger", lambda: self._start(self._decrypt(), "decrypt")),
                    (tr("Keep encryption on"), "", self.asking.clear),
                ],
                no=self.asking.clear,
            )
            return
        self._new = await store.encryption.prepare()
        self._offer(
            self._new.code,
            [tr(_NOT_PROMISED)],
            (tr("Encrypt now"), "primary", lambda: self._start(self._encrypt(), "encrypt")),
            lambda: self._start(self._give_up(), "give_up"),
        )

    def _show_code(self, code: str) -> None:
        """Show a recovery code that is already valid."""
        done = (tr("I have written down the code"), "primary", self.asking.clear)
        self.asking.ask(tr("Your recovery code"), [tr(_KEEP_CODE)], [_copying(code), done], _code_box(code))

    def _offer(self, code: str, more: Sequence[str], take: Answer, give_up: Callable[[], None]) -> None:
        """Show a recovery code that becomes valid only after the user confirms having written it down."""
        shown = _code_box(code)
        written = TickBox(tr("I have written down the code"))
        written.setAccessibleName(tr("I have written down the code"))
        layout = shown.layout()
        assert layout is not None
        layout.addWidget(written)
        answers = [take, _copying(code), (tr("Cancel"), "", give_up)]
        self.asking.ask(tr("Your recovery code"), [tr(_KEEP_CODE), *more], answers, shown, no=give_up)
        now = next(each for each in self.asking.findChildren(QPushButton) if each.text() == take[0])
        now.setEnabled(False)
        written.toggled.connect(now.setEnabled)
        written.setFocus()

    async def _encrypt(self) -> None:
        new, store = self._new, await self._services.store()
        if new is None:
            return
        self._wait(tr("Encrypting… New messages will be saved when encryption is complete."))
        try:
            problems = await store.encryption.turn_on(new)
        except ParagoneError:
            await store.encryption.give_up(new)
            raise
        finally:
            self._new = None
        await self._set(on=True)
        self._services.forget_plain_text()
        plain = [str(aside.folder) for aside in await store.safety.set_aside() if aside.plain]
        aside = [tr("These older copies are still unencrypted: {folders}", folders=", ".join(plain))] if plain else []
        self._say("\n".join([*map(tr, problems), *aside]))
        await self._look()
        self.turn.setFocus()

    async def _decrypt(self) -> None:
        store = await self._services.store()
        self._wait(tr("Decrypting…"))
        await self._set(on=False)
        problems = await store.encryption.turn_off()
        done = tr("The conversations are stored as unencrypted files again, and the key was deleted.")
        self._say("\n".join(map(tr, problems)) or done)
        await self._look()
        self.turn.setFocus()

    async def _give_up(self) -> None:
        new, self._new = self._new, None
        self.asking.clear()
        if new is not None:
            await (await self._services.store()).encryption.give_up(new)
        self._say(tr("Nothing was changed."))

    @Slot()
    def _new_code(self) -> None:
        self._start(self._make_code(), "code")

    async def _make_code(self) -> None:
        code = (await self._services.store()).encryption.new_code()
        self._say("")
        self._offer(
            code,
            [tr("The current code stays valid until you choose “Use this code”.")],
            (tr("Use this code"), "primary", lambda: self._start(self._use_code(code), "use_code")),
            self._keep_code,
        )

    async def _use_code(self, code: str) -> None:
        await (await self._services.store()).encryption.use_code(code)
        self.asking.clear()
        self._say(tr("The previous code is no longer valid."))
        self.code.setFocus()

    def _keep_code(self) -> None:
        self.asking.clear()
        self._say(tr("Nothing was changed."))
        self.code.setFocus()

    def _ask_for_code(self) -> None:
        field = QLineEdit()
        field.setAccessibleName(tr("Recovery code"))
        field.setPlaceholderText("XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX")

        def unlock() -> None:
            """Try to unlock with the code in the field."""
            self._start(self._unlock(field.text()), "unlock")

        field.returnPressed.connect(unlock)
        self.asking.ask(
            tr("Open conversations"),
            [tr("Enter the recovery code that was shown when encryption was turned on. Nothing was changed.")],
            [
                (tr("Open"), "primary", unlock),
                (tr("Try keyring again"), "", lambda: self._start(self._ask_keyring(), "keyring")),
            ],
            field,
        )

    async def _ask_keyring(self) -> None:
        await self._services.store()
        self.asking.clear()
        await self._look()
        self.reopened.emit()

    async def _unlock(self, code: str) -> None:
        kept = await self._services.unlock(code)
        await self._services.store()
        self.asking.clear()
        self._say(
            tr("The conversations are open again.")
            if kept
            else tr(
                "The conversations are open until Paragone quits. The keyring did not accept the key, so "
                "you will need the code again."
            )
        )
        await self._look()
        self.reopened.emit()

    async def _set(self, *, on: bool) -> None:
        update = self._services.settings_file.update
        self._services.use(await asyncio.to_thread(update, lambda settings: settings.set(ENCRYPTION, on)))

    def _wait(self, text: str) -> None:
        self.asking.clear()
        self.turn.setEnabled(False)
        self._say(text)

    def _start(self, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.start(coroutine, name=f"settings.encryption.{name}", failed=self._failed)

    def _failed(self, error: ParagoneError) -> None:
        self.turn.setEnabled(not self._fixed)
        if isinstance(error, KeyringMissing):
            self._say(tr("{problem} Conversations cannot be encrypted without a keyring.", problem=sentence(error)))
        else:
            self._say(sentence(error))


def _copying(code: str) -> Answer:
    return (tr("Copy code"), "", lambda: QGuiApplication.clipboard().setText(code))


def _code_box(code: str) -> QWidget:
    """Return a widget that shows a recovery code."""
    shown = QWidget()
    column = QVBoxLayout(shown)
    column.setContentsMargins(0, 4, 0, 4)
    column.setSpacing(8)
    column.addWidget(_code_label(code))
    return shown


def _code_label(code: str) -> QLabel:
    shown = label(code, "heading")
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    shown.setFont(font)
    shown.setAccessibleName(tr("Recovery code: {code}", code=" ".join(code)))
    shown.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return shown
