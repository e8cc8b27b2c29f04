"""Line below the prompt field: preset, estimate, and the Send or Stop button."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from PySide6.QtCore import QPoint, QRect, Qt, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QWidget

from desktop.catalog.catalog_entry import Entry
from ui.base.figures_text import estimate_text
from ui.base.strings import number_text, short_name, tr, trn
from ui.widgets.labels import ElidedButton, ElidedLabel, keycap, label, set_role
from ui.widgets.menu import Menu
from ui.widgets.tips import put_tip

_ENDLESS = 1 << 20
_NAMED = 2
"""Maximum number of tool servers that are named; more are counted."""

_PRESET, _TOOLS, _FEW_WORDS = 110, 180, 90
"""Sufficient width in pixels for the preset's title, for the names of tool servers and for a warning."""

_QUIET = "QPushButton { padding: 3px 2px; } QPushButton:hover { background: transparent; }"


class SendTarget(Struct, frozen=True):
    """A model that receives the prompt. `history_tokens` counts the context tokens sent with the prompt.

    `window` is the context window in tokens, or None if unknown.
    """

    name: str
    entry: Entry
    history_tokens: Callable[[], int]
    window: int | None = None
    answers: bool = True
    """Whether the model's connection exists."""


class SendLine(QHBoxLayout):
    """Layout of the line below the prompt field. All state comes from the composer."""

    def __init__(self) -> None:
        super().__init__()
        self.preset = ElidedButton()
        self.preset.setProperty("role", "quiet")
        self.preset.setAccessibleName(tr("Preset"))
        self.preset.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        # Aligns the text with the text above
        self.preset.setStyleSheet(_QUIET)
        self.attach = QPushButton(tr("Attach"))
        self.attach.setProperty("role", "quiet")
        self.attach.setAccessibleName(tr("Attach"))
        self.attach.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.attach.setStyleSheet(_QUIET)
        put_tip(self.attach, tr("Attach images, PDFs, documents and text files"))
        self.tools = ElidedButton()
        self.tools.setProperty("role", "quiet")
        self.tools.setAccessibleName(tr("Tools"))
        self.tools.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.tools.setStyleSheet(_QUIET)
        self.tools.setMaximumWidth(_TOOLS)
        self.more = QToolButton()
        self.more.setProperty("role", "quiet")
        self.more.setText("⋯")
        self.more.setAccessibleName(tr("More"))
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.more.clicked.connect(self._open_more)
        self.more.hide()
        self.estimate = ElidedLabel("", "muted", least=_FEW_WORDS)
        self.estimate.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.estimate.hide()
        self.waiting = label("", "muted")
        self.waiting.hide()
        self._actions: tuple[QPushButton, ...] = ()
        self._wanted: Sequence[QPushButton] = ()
        self._counts = self._waits = False
        self._room = _ENDLESS
        self._long = self._short = tr("Send")
        self._named: str | None = None
        self._offered: tuple[bool, int, str] | None = None
        self._enter = keycap(QKeySequence("Return"))
        self._enter.setText(tr("Enter"))
        self.button = QPushButton(tr("Send"))
        self.button.setProperty("role", "primary")
        self.button.setAccessibleName(tr("Send"))
        # Clicking the button leaves the cursor in the text.
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSpacing(10)
        self.addWidget(self.preset)
        self.addWidget(self.attach)
        self.addWidget(self.tools)
        self.addWidget(self.more)
        self.addWidget(self.waiting)
        self.addStretch(1)
        self.addWidget(self.estimate)
        self.addWidget(self._enter, 0, Qt.AlignmentFlag.AlignVCenter)
        self.addWidget(self.button)
        self._names: tuple[str, ...] | None = None
        self.show_preset("")
        self.show_tools(())

    @property
    def anchor(self) -> QWidget:
        """The widget at which the preset list opens."""
        return self.more if self.preset.isHidden() else self.preset

    @property
    def tools_anchor(self) -> QWidget:
        """The widget at which the list of tools opens."""
        return self.more if self.tools.isHidden() else self.tools

    def setGeometry(self, rect: QRect) -> None:
        """Fit the controls to the width. Send is always shown; preset and files may move into a menu."""
        if rect.width() != self._room:
            self._room = rect.width()
            self._arrange()
        super().setGeometry(rect)

    def add_actions(self, buttons: Sequence[QPushButton]) -> None:
        """Add further buttons beside Send, which are hidden at first. Their texts are their names."""
        self._actions = tuple(buttons)
        for each in buttons:
            each.setProperty("role", "quiet")
            each.setAccessibleName(each.text())
            each.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            each.setStyleSheet(_QUIET)
            each.hide()
            self.insertWidget(self.indexOf(self._enter), each)

    def show_actions(self, wanted: Sequence[QPushButton]) -> None:
        """Show some of the added buttons, in the menu if there is not enough space."""
        if wanted != self._wanted:
            self._wanted = wanted
            self._arrange()

    def want_estimate(self, wanted: bool) -> None:  # noqa: FBT001 - a state
        """Show or hide the estimate."""
        if wanted != self._counts:
            self._counts = wanted
            self._arrange()

    def _arrange(self) -> None:
        if self.parentWidget() is None:
            return  # what is shown without a parent is a window
        self.button.setText(self._long)
        if self._wide(self.more, self.button) > self._room:
            self.button.setText(self._short)
        room = self._room - self.button.sizeHint().width() - self.spacing()  # the empty middle has a gap of its own
        beside = min(self.preset.sizeHint().width(), _PRESET) + self.spacing() + self._wide(self.attach)
        tools = min(self.tools.sizeHint().width(), _TOOLS) + self.spacing()
        folded = beside > room
        for each in (self.preset, self.attach):
            each.setVisible(not folded)
        folds = folded or beside + tools > room
        self.tools.setVisible(not folds)
        room -= self._wide(self.more) if folded else beside + (self._wide(self.more) if folds else tools)
        acting = self._wide(*self._wanted)
        for each in self._actions:
            each.setVisible(each in self._wanted and acting <= room)
        overflows = acting > room
        self.more.setVisible(folds or overflows)
        room -= (0 if folds else self._wide(self.more)) if overflows else acting
        warns = self.estimate.property("role") == "warn"
        counted = _FEW_WORDS + self.spacing() if warns else self._wide(self.estimate)
        parts = (
            (self.waiting, self._waits, self._wide(self.waiting)),
            (self.estimate, self._counts, counted),
            (self._enter, True, self._wide(self._enter)),
        )
        for each, wanted, wide in parts:
            each.setVisible(wanted and wide <= room)
            room -= wide if wanted and wide <= room else 0

    def _wide(self, *widgets: QWidget) -> int:
        """Return the total width of widgets with their spacing."""
        return sum(each.sizeHint().width() + self.spacing() for each in widgets)

    @Slot()
    def _open_more(self) -> None:
        menu = Menu(self.more)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for each in (self.preset, self.attach, self.tools, *self._wanted):
            if each.isHidden():
                menu.addAction(each.text(), each.click)
        corner = self.more.rect().topLeft()
        menu.popup(self.more.mapToGlobal(corner) - QPoint(0, menu.sizeHint().height()))

    def show_preset(self, title: str) -> None:
        """Show the name of the active preset; empty for none."""
        if title == self._named:
            return
        self._named = title
        self.preset.show_text(tr("Preset: {title}", title=title) if title else tr("Preset"))
        put_tip(self.preset, title or tr("Choose a system prompt"))
        self._arrange()

    def show_tools(self, names: Sequence[str]) -> None:
        """Show which tools are in use, by the names of their servers; empty for none."""
        if (named := tuple(names)) == self._names:
            return
        self._names = named
        several = len(named) > _NAMED
        said = tr("Tools: {n}", n=number_text(len(named))) if several else tr("Tools: {names}", names=", ".join(named))
        self.tools.show_text(said if named else tr("Tools"))
        put_tip(self.tools, ", ".join(named) or tr("Choose the tools that models may call"))
        self._arrange()

    def say_waiting(self, prompts: int) -> None:
        """Show the number of queued prompts."""
        self.waiting.setText(trn("{n} prompt queued", "{n} prompts queued", prompts))
        self._waits = bool(prompts)
        self._arrange()

    def show_button(self, *, stops: bool, models: int, only: str = "", stops_all: bool = False) -> None:
        """Show Stop or Stop all, or Send with the number or the name of the models that will answer."""
        if (offered := (stops, models, only)) == self._offered:
            return
        self._offered = offered
        stop = tr("Stop all") if stops_all else tr("Stop")
        send = tr("Send to {n}", n=number_text(models)) if models > 1 else tr("Send")
        if only:
            send = tr("Send to {model}", model=short_name(only))
        self._long = stop if stops else send
        self._short = tr("Send") if only and not stops else self._long
        self.button.setAccessibleName(stop if stops else send if only else tr("Send"))
        self.button.setEnabled(stops or models > 0)
        set_role(self.button, "role", "" if stops else "primary")
        self._enter.setText(tr("Esc") if stops else tr("Enter"))
        self._arrange()

    def show_estimate(
        self,
        prompt_tokens: int,
        targets: Sequence[SendTarget],
        of_files: Callable[[SendTarget], int] = lambda _target: 0,
    ) -> None:
        """Show the estimated tokens and cost, or a warning if the prompt exceeds a context window.

        `of_files` returns the tokens of the attachments for a model.
        """
        sizes = [(each, prompt_tokens + of_files(each)) for each in targets]
        too_small = [(each, size) for each, size in sizes if each.window is not None and size > each.window]
        if too_small:
            smallest, size = min(too_small, key=lambda pair: pair[0].window or 0)
            estimate = tr(
                "~{tokens} tokens; {model}'s context window is {window}",
                tokens=number_text(size),
                model=short_name(smallest.name),
                window=number_text(smallest.window or 0),
            )
        else:
            estimate = estimate_text([(size + each.history_tokens(), each.entry) for each, size in sizes])
        self.estimate.setText(estimate)
        put_tip(self.estimate, estimate)
        set_role(self.estimate, "role", "warn" if too_small else "muted")
        self._arrange()
