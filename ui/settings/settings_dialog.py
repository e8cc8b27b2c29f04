"""Settings window with pages, a search, and changes that take effect at once."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QStackedWidget, QVBoxLayout, QWidget

from desktop.services import Services
from desktop.settings.schema import DEFAULT_MODEL, TITLES, SettingsPage
from ui.base.commands import Shortcut
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.base.theme import Theme, Themes
from ui.settings.about_page import AboutPage
from ui.settings.doctor_page import DoctorPage
from ui.settings.keys_page import KeysPage
from ui.settings.model_control import ModelControl, model_problem
from ui.settings.option_saver import OptionSaver
from ui.settings.options_page import Locked, OptionsPage
from ui.settings.shortcuts_page import ShortcutsPage
from ui.settings.storage_page import StoragePage
from ui.widgets.labels import hairline, label
from ui.widgets.page import Page
from ui.widgets.search_line import SearchLine
from ui.widgets.window_size import within_screen

_SIZE, _SMALLEST = QSize(860, 620), QSize(640, 420)
_PAGES_WIDTH = 200


def _nobody(key: str) -> str:
    del key
    return ""


class SettingsDialog(QDialog):
    """Non-modal settings window; open it with `show_page`."""

    option_changed = Signal(str)
    """Emitted with the key of a changed option."""
    key_removed = Signal()
    store_changed = Signal()
    """Emitted after a backup was restored or encrypted conversations were unlocked."""

    def __init__(
        self,
        services: Services,
        tasks: Tasks,
        themes: Themes,
        *,
        connections: Page | None = None,
        tools: Callable[[OptionSaver], Page] | None = None,
        shortcuts: Sequence[Shortcut] = (),
        locked: Locked = _nobody,
        parent: QWidget | None = None,
    ) -> None:
        """Create the pages. `locked` returns who locked an option.

        `connections` is the page for connections; `tools` returns the page for tools.
        """
        super().__init__(parent)
        self.setWindowTitle(tr("Settings"))
        self.setAccessibleName(tr("Settings"))
        self.setMinimumSize(_SMALLEST)
        self.resize(within_screen(self, _SIZE))
        self.saving = OptionSaver(services, tasks, self)
        self.search = SearchLine()
        self.list = QListWidget()
        self._pages = QStackedWidget()
        self._nothing = label(tr("No matching settings."), "muted")
        self._pages.addWidget(self._nothing)
        made = tools(self.saving) if tools is not None else None
        self._by_name = _pages(services, tasks, self.saving, (connections, made), shortcuts, locked)
        self.pages = (*self._by_name.values(),)
        for page in self.pages:
            self.list.addItem(page.title)
            self._pages.addWidget(page)
        self._build()
        self._connect(themes)
        self._themed(themes.current)
        self.list.setCurrentRow(0)

    @property
    def page(self) -> Page | None:
        """The visible page, or None if no page matches the search."""
        shown = self._pages.currentWidget()
        return shown if isinstance(shown, Page) else None

    def page_of(self, page: SettingsPage) -> Page:
        """Return the widget of a page.

        Raises:
            KeyError: If this window has no such page.
        """
        return self._by_name[page]

    def show_page(self, page: SettingsPage | None = None) -> None:
        """Show the window in front of others, at a page if one is given."""
        if not self.isVisible():
            self.search.clear()
            self.refresh()
        if page is not None:
            self.list.setCurrentRow(self.pages.index(self.page_of(page)))
        self.show()
        self.raise_()
        self.activateWindow()
        self.list.setFocus()

    def refresh(self) -> None:
        """Reload all pages."""
        for page in self.pages:
            page.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Save pending input."""
        super().hideEvent(event)
        for page in self.pages:
            page.flush()

    def _build(self) -> None:
        self.search.setPlaceholderText(tr("Search settings"))
        self.search.setAccessibleName(tr("Search settings"))
        self.search.setClearButtonEnabled(False)
        self.list.setAccessibleName(tr("Pages"))
        self.list.setProperty("role", "pages")
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        side = QWidget()
        side.setProperty("role", "surface")
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        side.setFixedWidth(_PAGES_WIDTH)
        column = QVBoxLayout(side)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(12)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(side)
        row.addWidget(hairline(vertical=True))
        row.addWidget(self._pages, 1)

    def _connect(self, themes: Themes) -> None:
        self.list.currentRowChanged.connect(self._show)
        self.search.textChanged.connect(self._seek)
        self.search.returnPressed.connect(self._enter)
        self.saving.saved.connect(self.option_changed)
        themes.changed.connect(self._themed)
        for page in self.pages:
            if isinstance(page, KeysPage):
                page.changed.connect(self.key_removed)
            elif isinstance(page, StoragePage):
                page.reopened.connect(self.store_changed)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(self.search.setFocus)

    @Slot(int)
    def _show(self, row: int) -> None:
        self._pages.setCurrentWidget(self.pages[row] if row >= 0 else self._nothing)

    @Slot(str)
    def _seek(self, text: str) -> None:
        """Show only the pages and rows that match a search."""
        words = text.casefold().split()
        found = [row for row, page in enumerate(self.pages) if page.seek(words)]
        for row in range(self.list.count()):
            self.list.item(row).setHidden(row not in found)
        if self.list.currentRow() not in found:
            self.list.setCurrentRow(found[0] if found else -1)

    @Slot()
    def _enter(self) -> None:
        if self.page is not None:
            self.page.setFocus()
            self.page.focusNextChild()

    @Slot(object)
    def _themed(self, theme: Theme) -> None:
        for page in self.pages:
            page.themed(theme)


def _pages(
    services: Services,
    tasks: Tasks,
    saving: OptionSaver,
    given: tuple[Page | None, Page | None],
    shortcuts: Sequence[Shortcut],
    locked: Locked,
) -> dict[SettingsPage, Page]:
    """Return the pages in display order. `given` are those for connections and for tools."""
    connections, tools = given
    model = partial(ModelControl, services=services, tasks=tasks)
    models = OptionsPage(
        SettingsPage.MODELS,
        services,
        saving,
        locked=locked,
        made={DEFAULT_MODEL.key: model, TITLES.key: model},
        checks={
            DEFAULT_MODEL.key: partial(model_problem, services),
            TITLES.key: partial(model_problem, services, may_lack=True),
        },
    )
    pages: dict[SettingsPage, Page] = {
        SettingsPage.APPEARANCE: OptionsPage(SettingsPage.APPEARANCE, services, saving, locked=locked),
        SettingsPage.MODELS: models,
    }
    if connections is not None:
        pages[SettingsPage.CONNECTIONS] = connections
    return pages | {
        SettingsPage.KEYS: KeysPage(services, tasks),
        SettingsPage.FILES: OptionsPage(SettingsPage.FILES, services, saving, locked=locked),
        SettingsPage.NETWORK: OptionsPage(SettingsPage.NETWORK, services, saving, locked=locked),
        SettingsPage.STORAGE: StoragePage(services, tasks, saving, locked=locked),
        SettingsPage.GUARDS: OptionsPage(SettingsPage.GUARDS, services, saving, locked=locked),
        **({SettingsPage.TOOLS: tools} if tools is not None else {}),
        SettingsPage.SHORTCUTS: ShortcutsPage(shortcuts, saving),
        SettingsPage.ADVANCED: OptionsPage(SettingsPage.ADVANCED, services, saving, locked=locked),
        SettingsPage.DOCTOR: DoctorPage(services, tasks),
        SettingsPage.ABOUT: AboutPage(services, tasks),
    }
