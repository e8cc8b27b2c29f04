"""Title bar above the panes, with the title and the buttons that apply to all panes."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QMenu, QPushButton, QSizePolicy, QWidget

from desktop.domain.comparison import Arrangement, Comparison, ContextRule, PanelName
from desktop.text.phrases import phrase
from ui.base.strings import tr
from ui.sidebar.entries import UNTITLED, UNTITLED_COMPARISON
from ui.widgets.labels import ElidedLabel, check_quietly, set_role
from ui.widgets.menu import Menu
from ui.widgets.tips import plain_tip
from ui.workspace.context_rules import TEXTS

if TYPE_CHECKING:
    from ui.workspace.rule_popover import RulePopover

HEIGHT = 43
_GAP, _EDGE, _LEAST_TITLE = 8, 16, 120
_MOST = 3
"""Maximum number of buttons beside the overflow menu."""
_TITLE = 2 * _EDGE + _LEAST_TITLE
"""Minimum width in pixels that is reserved for the title."""
ARRANGEMENTS = {
    Arrangement.ROW: phrase("Side by side"),
    Arrangement.COLUMN: phrase("Stacked"),
    Arrangement.GRID: phrase("Grid"),
}
"""Name of each arrangement of the panes."""


def name_window(window: QWidget, title: str) -> None:
    """Set the title that the system shows for a window."""
    # A dash outside Latin-1 would make Xlib load 0.2 MB of tables for all scripts.
    window.setWindowTitle(f"{title} - Paragone" if title else "Paragone")


class TitleBar(QWidget):
    """Bar with the title and buttons, some of which are visible only for a comparison."""

    add_pane_wanted = Signal()
    keep_wanted = Signal()
    """Emitted when a temporary chat is to be stored."""
    source_wanted = Signal()
    """Emitted to open the comparison whose responses are merged in the visible chat."""
    arrangement_chosen = Signal(object)
    rule_chosen = Signal(object)
    prompts_wanted = Signal(bool)
    """Emitted with True to collapse all responses, and with False to expand them."""
    step_wanted = Signal(bool)
    """Emitted with whether the panes should scroll together."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self._comparison: Comparison | None = None
        self._named = self._page = ""
        self._rules: RulePopover | None = None
        self._title = ElidedLabel(tr(UNTITLED), "title")
        self._title.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.rule = _button(tr("History"), tr("Context rule"))
        self.keep = _button(tr("Keep"), tr("Keep this chat"))
        self.keep.setToolTip(tr("This chat is temporary: nothing in it is saved. Keep saves it."))
        self._is_temporary = False
        self.add_pane = _button(tr("+ Add pane"), tr("Add pane"))
        self.figures = _button(tr("Figures"), tr("Figures"))
        self.differences = _button(tr("Differences"), tr("Differences"))
        self.fields = _button(tr("Fields"), tr("Fields"))
        self.calls = _button(tr("Tool calls"), tr("Tool calls"))
        self.prompts = _button(tr("Prompts"), tr("Prompts only"))
        self.prompts.setToolTip(tr("One line per response. Click a line to open its turn."))
        self.merge = _button(tr("Merge"), tr("Merge answers"))
        self.merged = _button(tr("Merged"), tr("Merged response"))
        self.source = _button(tr("Open comparison"), tr("Open comparison"))
        self._has_source = False
        self.layout_button = _button(tr("Layout"), tr("Layout"))
        self.more = _button("⋯", tr("More actions for all panes"))
        self.more.setToolTip(tr("More actions for all panes"))
        self._left: list[QPushButton] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(_EDGE, 0, _EDGE, 0)
        row.setSpacing(_GAP)
        row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # buttons give way, see _fit
        row.addWidget(self._title, 1)
        for button in (self.figures, self.differences, self.prompts, self.merged, self.fields, self.calls):
            button.setCheckable(True)
        buttons = (
            self.keep,
            self.source,
            self.rule,
            self.prompts,
            self.merged,
            self.figures,
            self.differences,
            self.fields,
            self.calls,
            self.merge,
            self.add_pane,
            self.layout_button,
        )
        self._buttons = buttons
        for button in (*buttons, self.more):
            row.addWidget(button)
        self.keep.clicked.connect(self.keep_wanted)
        self.add_pane.clicked.connect(self.add_pane_wanted)
        self.prompts.toggled.connect(self.prompts_wanted)
        self.source.clicked.connect(self.source_wanted)
        self.rule.clicked.connect(self._open_rules)
        self.more.clicked.connect(self._open_more)
        self.show_comparison(None)

    @property
    def text(self) -> str:
        """The visible title."""
        return self._title.text()

    @property
    def named(self) -> str:
        """Title of what the panes show, even while a page replaces them; empty if it has none."""
        return self._named

    def show_title(self, title: str) -> None:
        """Set the title of the panes' content.

        It is shown in the bar and as the window title unless a page is shown.
        """
        self._named = title
        name_window(self.window(), self._page or title)
        if not self._page:
            shown = title or tr(UNTITLED if self._comparison is None else UNTITLED_COMPARISON)
            self._title.setText(self._marked(shown, is_named=bool(title)))

    def show_temporary(self, *, on: bool, can_keep: bool) -> None:
        """Mark what is shown as stored nowhere, and offer to keep it."""
        self._is_temporary = on
        self.keep.setEnabled(can_keep)
        self.show_title(self._named)
        self._fit()

    def _marked(self, title: str, *, is_named: bool) -> str:
        if not self._is_temporary:
            return title
        if is_named:
            return tr("Temporary: {title}", title=title)
        return tr("Temporary chat") if self._comparison is None else tr("Temporary comparison")

    def show_page(self, title: str) -> None:
        """Show the title of a page that replaces the panes; empty if the panes are visible again.

        The title that `show_title` has set is shown again afterwards.
        """
        self._page = title
        self._title.setText(title)
        self.show_title(self._named)
        self._fit()

    def show_comparison(self, comparison: Comparison | None) -> None:
        """Show the buttons for a comparison; for None, only those that can start one."""
        self._comparison = comparison
        self.show_title(self._named)
        if comparison is not None:
            name, meaning = map(tr, TEXTS[comparison.rule])
            self.rule.setText(tr("History: {rule}", rule=name))
            self.rule.setAccessibleDescription(tr("{rule}. {meaning}", rule=name, meaning=meaning))
            self.rule.setToolTip(meaning)
        self._fit()

    def show_source(self, title: str | None) -> None:
        """Show the button that opens the comparison with this title; for None, hide it."""
        self._has_source = title is not None
        self.source.setToolTip(plain_tip(title or tr(UNTITLED_COMPARISON)))
        self._fit()

    @Slot(bool)
    def show_prompts_only(self, on: bool) -> None:  # noqa: FBT001 - Qt's signal
        """Show whether responses are collapsed to one line."""
        check_quietly(self.prompts, on=on)
        set_role(self.prompts, "role", "tinted" if on else "")
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Move buttons for which there is no space to the overflow menu."""
        super().resizeEvent(event)
        self._fit()

    def show_open(self, name: str) -> None:
        """Highlight the button of the panel that is open."""
        panels = (self.figures, self.differences, self.merged, self.fields, self.calls)
        buttons = zip(PanelName, panels, strict=True)
        for own, button in buttons:
            check_quietly(button, on=own == name)
            set_role(button, "role", "tinted" if button.isChecked() else "")
        self._fit()  # what is on is written bolder

    def minimumSizeHint(self) -> QSize:
        """Return the minimum size, for which all buttons are in the overflow menu."""
        return QSize(_TITLE + _GAP + self.more.sizeHint().width(), HEIGHT)

    def anchor(self, button: QPushButton) -> QPushButton:
        """Return the widget at which a button's popover opens: the button itself or the overflow menu's button."""
        return self.more if button in self._left else button

    def _fit(self) -> None:
        """Show the most important buttons that fit, and move the others to the overflow menu.

        What is not as usual comes first: a context rule that the user chose, and responses collapsed to one line.
        """
        comparison = self._comparison
        offered: Sequence[QPushButton]
        prompts = [self.prompts] if self.prompts.isChecked() else []
        keep = [self.keep] if self._is_temporary else []
        if comparison is None:
            offered = ranked = [*keep, *([self.source] if self._has_source else []), self.add_pane, *prompts]
        else:
            merged = [self.merged] if comparison.merges else []
            rule = [self.rule] if comparison.rule is not ContextRule.OWN else []
            opened = [each for each in (self.fields, self.calls) if each.isChecked()]
            ranked = [*keep, *rule, *prompts, *opened, *merged, self.figures, self.differences, self.add_pane]
            left_out = (self.source, *(() if merged else (self.merged,)), *(() if keep else (self.keep,)))
            offered = [each for each in self._buttons if each not in left_out]
        if self._page:
            offered = ranked = []
        wide = [button.sizeHint().width() + _GAP for button in ranked[:_MOST]]
        room = self.width() - _TITLE
        if sum(wide) > room or len(offered) > len(wide):
            room -= self.more.sizeHint().width() + _GAP
        shown = ranked[: sum(sum(wide[: number + 1]) <= room for number in range(len(wide)))]
        for button in self._buttons:
            button.setVisible(button in shown)
        self._left = [button for button in offered if button not in shown]
        self.more.setVisible(bool(self._left))

    @Slot()
    def _open_more(self) -> None:
        """Open the overflow menu with the hidden buttons, in their order."""
        menu = _menu(self, tr("More actions for all panes"))
        for button in self._left:
            if button is self.layout_button:
                self._add_layouts(menu.addMenu(button.accessibleName()))
                continue
            action = menu.addAction(button.text() if button is self.rule else button.accessibleName())
            action.setCheckable(button.isCheckable())
            action.setChecked(button.isChecked())
            action.triggered.connect(button.click)
        _open_below(menu, self.more)

    @Slot()
    def _open_rules(self) -> None:
        if self._comparison is None:
            return
        if self._rules is None:
            from ui.workspace.rule_popover import RulePopover  # the first paint needs none

            self._rules = RulePopover(self)
            self._rules.chosen.connect(self.rule_chosen)
        self._rules.open_for(self.anchor(self.rule), self._comparison.rule)

    def _add_layouts(self, menu: QMenu) -> None:
        if self._comparison is None:
            return
        for arrangement, name in ARRANGEMENTS.items():
            chosen = menu.addAction(tr(name), lambda each=arrangement: self.arrangement_chosen.emit(each))
            chosen.setCheckable(True)
            chosen.setChecked(arrangement is self._comparison.arrangement)
        menu.addSeparator()
        step = menu.addAction(tr("Scroll together"))
        step.setCheckable(True)
        step.setChecked(self._comparison.in_step)
        step.toggled.connect(self.step_wanted)


def _button(text: str, name: str) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(name)
    return button


def _menu(parent: QWidget, name: str) -> QMenu:
    menu = Menu(parent)
    menu.setAccessibleName(name)
    return menu


def _open_below(menu: QMenu, button: QWidget) -> None:
    menu.aboutToHide.connect(menu.deleteLater)
    corner = button.mapToGlobal(button.rect().bottomRight())
    corner.setX(corner.x() - menu.sizeHint().width())
    menu.popup(corner)
