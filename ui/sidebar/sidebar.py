"""Sidebar: search, New chat, grouped conversations, and buttons for settings, runs and connections."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from desktop.domain.conversation_types import ConversationSummary, Kind, ModelRef
from desktop.errors import ConnectionUnknown
from desktop.services import Services
from desktop.settings.schema import TRASH_DAYS
from desktop.text.phrases import phrase
from ui.base import strings
from ui.base.commands import Command, own_keys
from ui.base.icons import icon
from ui.base.strings import tr, trn
from ui.base.tasks import Tasks
from ui.base.theme import Theme, Themes
from ui.sidebar import entries
from ui.sidebar.entries import Order
from ui.sidebar.library import HITS, Library
from ui.sidebar.list_view import ListView
from ui.sidebar.search_box import NOTHING, SearchBox
from ui.sidebar.search_field import SearchField
from ui.widgets.announcement import announce
from ui.widgets.labels import ElidedButton, hairline, label, within_sentence
from ui.widgets.menu import Menu
from ui.widgets.paragraph import Paragraph


def ask_for_tags(parent: QWidget, library: Library, ids: Sequence[str]) -> None:
    """Open the dialog for tags. Its changes apply at once."""
    from ui.sidebar.tags_dialog import TagsDialog  # the first paint needs none

    dialog = TagsDialog(ids, library, parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()


def ask_to_purge(parent: QWidget, library: Library, ids: Sequence[str], title: str) -> None:
    """Permanently delete items in the trash after the user confirms."""
    said = trn("Delete {n} conversation permanently?", "Delete {n} conversations permanently?", len(ids))
    if len(ids) == 1:
        said = tr("Delete “{title}” permanently?", title=within_sentence(title))
    _ask_to_delete(parent, said, partial(library.marking.purge, ids))


def ask_to_empty(parent: QWidget, library: Library, number: int) -> None:
    """Permanently delete everything in the trash after the user confirms."""
    said = trn("Delete {n} conversation permanently?", "Delete {n} conversations permanently?", number)
    _ask_to_delete(parent, said, library.marking.empty_trash)


def ask_about_own_chats(
    parent: QWidget, library: Library, ids: Sequence[str], chats: Sequence[ConversationSummary]
) -> None:
    """Ask whether chats that are older than their comparison are to be moved to the trash as well."""
    from PySide6.QtWidgets import QMessageBox  # the first paint needs none

    question = trn("Move {n} chat to the trash too?", "Move {n} chats to the trash too?", len(chats))
    if len(chats) == 1:
        question = tr("Move “{title}” to the trash too?", title=within_sentence(chats[0].title))
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(tr("Move to trash"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(question)
    box.setInformativeText(
        trn("This chat is older than the comparison.", "These chats are older than the comparison.", len(chats))
    )
    all_ = box.addButton(tr("Move to trash"), QMessageBox.ButtonRole.DestructiveRole)
    kept = box.addButton(trn("Keep chat", "Keep chats", len(chats)), QMessageBox.ButtonRole.AcceptRole)
    box.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(kept)
    all_.clicked.connect(lambda: library.trash(ids, keep=()))
    kept.clicked.connect(lambda: library.trash(ids, keep=[each.id for each in chats]))
    box.open()


def ask_to_discard(parent: QWidget, discard: Callable[[], None]) -> None:
    """Discard the current blind round after the user confirms."""
    note = tr("The prompts and responses in this round will be deleted, and the models will never be revealed.")
    _ask(parent, tr("Blind round"), tr("Discard this blind round?"), note, tr("Discard"), discard)


def _ask_to_delete(parent: QWidget, question: str, purge: Callable[[], None]) -> None:
    note = tr("Deleted conversations can be restored only from a backup. Daily backups are kept for seven days.")
    _ask(parent, tr("Delete permanently"), question, note, tr("Delete"), purge)


def _ask(parent: QWidget, title: str, question: str, note: str, yes: str, do: Callable[[], None]) -> None:
    from PySide6.QtWidgets import QMessageBox  # the first paint needs none

    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(title)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(question)
    box.setInformativeText(note)
    agreed = box.addButton(yes, QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(box.addButton(tr("Keep"), QMessageBox.ButtonRole.RejectRole))
    agreed.clicked.connect(do)
    box.open()


_EMPTY = phrase("Conversations appear here. They stay on this computer.")
_ORDERS = {Order.RECENT: phrase("Recent"), Order.MODEL: phrase("Model")}
_MINUTE_MS = 60_000


def _local_now() -> datetime:
    return datetime.now().astimezone()


class Sidebar(QWidget):
    """Column that shows the library. It emits what the user chooses but opens nothing itself."""

    opened = Signal(str, str)
    """Emitted with the ID of a chosen conversation, and the ID of the matching message or an empty string."""
    entered = Signal(str, str)
    """Like `opened`, but the focus is to move to the conversation."""
    new_chat_wanted = Signal()
    new_comparison_wanted = Signal()
    runs_wanted = Signal()
    replays_wanted = Signal()
    round_opened = Signal()
    """Emitted when the user chooses the current blind round."""
    round_discarded = Signal()
    """Emitted when the user has confirmed that the blind round is to be discarded."""

    def __init__(
        self,
        services: Services,
        tasks: Tasks,
        themes: Themes,
        parent: QWidget | None = None,
        *,
        clock: Callable[[], datetime] = _local_now,
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._services = services
        self._clock = clock
        self._order = Order.RECENT
        self._day = clock().date()
        self._sought = ""
        self._with_archive = False
        self._with_trash = False
        self._opened = ""
        self._renamed = ""
        """The id of what is to be renamed once it is listed."""
        self.library = Library(services, tasks, self, periods=lambda: entries.periods(clock()))
        self.finding = SearchBox(self.library, own_keys(Command.SEARCH), clock)
        self.new_chat = QPushButton(tr("+ Chat"))
        self.new_comparison = QPushButton(tr("+ Comparison"))
        self.list = ListView(themes, self._name_of, clock, self)
        self._empty = Paragraph(tr(_EMPTY), "muted")
        self.grouping = QPushButton()
        self.settings, self.evaluate, self.connections = ElidedButton(), ElidedButton(), ElidedButton()
        self._runs = self._replays = 0
        self.more = QToolButton()
        self._build()
        self._connect()
        show_icon = partial(_show_icon, self.more)
        show_icon(themes.current)
        themes.changed.connect(show_icon)
        self.connections_changed()

    @property
    def search_field(self) -> SearchField:
        """The search field."""
        return self.finding.field

    @property
    def order(self) -> Order:
        """Grouping of the list."""
        return self._order

    def group_by(self, order: Order) -> None:
        """Change the grouping."""
        self._order = order
        self._show_order()
        self._list_otherwise()

    def show_archive(self, *, shown: bool) -> None:
        """Show or hide the archive."""
        self._with_archive = shown
        self._list_otherwise()

    def show_trash(self, *, shown: bool) -> None:
        """Show or hide the trash."""
        self._with_trash = shown
        self._list_otherwise()

    @property
    def opened_id(self) -> str:
        """ID of the conversation that is marked as open, or an empty string."""
        return self._opened

    def mark_opened(self, conversation_id: str) -> None:
        """Mark a conversation as open."""
        self._opened = conversation_id
        if self.finding.hits is None:
            self._unfold_opened()
        self.library.watch(conversation_id)
        # During a search, the list stays at the match reached last, from which the next step continues.
        if self.finding.hits is None:
            self.list.mark_opened(conversation_id)
        else:
            self.list.show_opened(conversation_id)
            if not conversation_id:
                self.list.clearSelection()

    def _unfold_opened(self) -> None:
        """Expand the comparison that contains the open chat."""
        holder = self.library.holder(self._opened)
        if holder and holder not in self.library.unfolded and self.library.loaded:
            self.library.unfold(holder, on=True)

    @Slot()
    def _search_changed(self) -> None:
        if self.finding.hits is None:
            self._unfold_opened()
        self._show()

    @property
    def keyboard_id(self) -> str:
        """ID of the focused row, or an empty string if the list does not have the focus."""
        item = self.list.current_item if self.list.hasFocus() else None
        return item.conversation.id if item is not None else ""

    def rename(self, conversation_id: str) -> None:
        """Edit a conversation's title in its row."""
        if self.finding.hits is not None:
            self.search_field.clear()
        self._renamed = "" if self.list.rename(conversation_id) else conversation_id
        if self._renamed:  # its row comes with the other chats of its comparison
            self.library.unfold(self.library.holder(conversation_id), on=True)

    def connections_changed(self) -> None:
        """Update the displayed number of connections."""
        number = len(self._services.settings.all_connections)
        said = trn("{n} connection", "{n} connections", number)
        self.connections.setText(said)
        self.connections.setAccessibleName(said)

    def show_in_progress(self, *, runs: int | None = None, replays: int | None = None) -> None:
        """Show how many runs or replays are in progress; None leaves a number as it is."""
        self._runs = self._runs if runs is None else runs
        self._replays = self._replays if replays is None else replays
        number = self._runs + self._replays
        said = tr("Evaluate ({n})", n=number) if number else tr("Evaluate")
        self.evaluate.setText(f"{said} ▾")
        self.evaluate.setAccessibleName(said)
        told = (
            trn("{n} run in progress", "{n} runs in progress", self._runs) if self._runs else "",
            trn("{n} replay in progress", "{n} replays in progress", self._replays) if self._replays else "",
        )
        self.evaluate.setAccessibleDescription(", ".join(filter(None, told)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """End the search when Esc is pressed."""
        if event.key() == Qt.Key.Key_Escape and self.search_field.text():
            self.search_field.clear()
            self.focus_search()
        else:
            super().keyPressEvent(event)

    @Slot()
    def focus_search(self) -> None:
        """Focus the search field."""
        self.search_field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search_field.selectAll()

    @Slot()
    def next_hit(self) -> None:
        """Open the next match, possibly in another conversation."""
        self._step(1)

    @Slot()
    def previous_hit(self) -> None:
        """Open the previous match, possibly in another conversation."""
        self._step(-1)

    def _step(self, by: int) -> None:
        hits = self.finding.hits
        if hits and (gone_to := self.list.go_to_hit(by)) is not None:
            item, place = gone_to
            self.search_field.show_hit(place, len(hits))
            told = tr("Hit {number} of {total}", number=place, total=len(hits)) if place else ""
            announce(self.search_field, ", ".join(filter(None, (told, self.list.entries.spoken(item)))))

    def _build(self) -> None:
        self.new_chat.setAccessibleName(tr("New chat"))
        self.new_comparison.setAccessibleName(tr("New comparison"))
        for button in (self.new_chat, self.new_comparison):
            button.setFixedHeight(30)
            button.setStyleSheet("padding-left: 4px; padding-right: 4px;")
        self.settings.setText(tr("Settings"))
        self.show_in_progress()
        for quiet in (self.settings, self.connections, self.grouping):
            quiet.setAccessibleName(quiet.text())
        for quiet in (self.settings, self.evaluate, self.connections, self.grouping):
            quiet.setProperty("role", "quiet")
            quiet.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            quiet.setFixedHeight(28)
            quiet.setStyleSheet("font-size: 12px; padding: 3px 2px;")
        self.grouping.setStyleSheet("")
        self.grouping.setProperty("strong", "true")
        self.grouping.setFixedHeight(22)
        self._show_order()
        self.more.setFixedSize(24, 28)
        self.more.setStyleSheet("padding: 0;")
        self.more.setProperty("role", "quiet")
        self.more.setAccessibleName(tr("More commands"))
        self.more.setToolTip(tr("More commands"))
        self._empty.setStyleSheet("font-size: 13px;")
        self._empty.setContentsMargins(20, 14, 20, 0)
        self._empty.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._top())
        middle = QWidget()
        stack = QStackedLayout(middle)
        stack.setStackingMode(QStackedLayout.StackingMode.StackAll)
        stack.addWidget(self._empty)
        stack.addWidget(self.list)
        column.addWidget(middle, 1)
        column.addLayout(self._bottom())

    def _top(self) -> QVBoxLayout:
        top = QVBoxLayout()
        top.setContentsMargins(12, 0, 12, 2)
        top.setSpacing(8)
        top.addWidget(self.finding)
        making = QHBoxLayout()
        making.setSpacing(6)
        making.addWidget(self.new_chat, 1)
        making.addWidget(self.new_comparison, 1)
        top.addLayout(making)
        grouped = QHBoxLayout()
        grouped.setContentsMargins(4, 0, 0, 0)
        grouped.setSpacing(0)
        grouped.addWidget(label(tr("Group by"), "muted"))
        grouped.addWidget(self.grouping)
        grouped.addStretch(1)
        top.addLayout(grouped)
        return top

    def _bottom(self) -> QVBoxLayout:
        bottom = QVBoxLayout()
        bottom.setContentsMargins(8, 0, 4, 10)
        bottom.setSpacing(4)
        bottom.addWidget(hairline())
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        for number, each in enumerate((self.settings, self.evaluate, self.connections, self.more)):
            if number:
                line.addStretch(1)
            line.addWidget(each)
        bottom.addLayout(line)
        return bottom

    def _connect(self) -> None:
        library, shown = self.library, self.list
        library.changed.connect(self._show)
        library.own_chats_found.connect(partial(ask_about_own_chats, self, library))
        self.finding.changed.connect(self._search_changed)
        self.search_field.returnPressed.connect(self._open_first)
        self.finding.field.left_downwards.connect(shown.focus_first)
        self.new_chat.clicked.connect(self.new_chat_wanted)
        self.new_comparison.clicked.connect(self.new_comparison_wanted)
        shown.opened.connect(self.opened)
        shown.entered.connect(self.entered)
        shown.more_wanted.connect(library.show_more)
        shown.fold_asked.connect(self._fold)
        self.grouping.clicked.connect(self._open_grouping)
        self.evaluate.clicked.connect(self._open_evaluate)
        shown.trash_asked.connect(library.trash)
        shown.restore_asked.connect(library.restore)
        shown.purge_asked.connect(partial(ask_to_purge, self, library))
        shown.pin_asked.connect(self._pin)
        shown.archive_asked.connect(self._archive)
        shown.tags_asked.connect(partial(ask_for_tags, self, library))
        shown.round_opened.connect(self.round_opened)
        shown.discard_asked.connect(partial(ask_to_discard, self, self.round_discarded.emit))
        shown.options_wanted.connect(self._add_options)
        shown.left.connect(self._show)
        shown.left_upwards.connect(self.focus_search)
        shown.entries.renamed.connect(library.rename)
        for keys, step in (("F3", self.next_hit), ("Shift+F3", self.previous_hit)):
            QShortcut(QKeySequence(keys), self, step, context=Qt.ShortcutContext.WindowShortcut)
        ticking = QTimer(self, interval=_MINUTE_MS)
        ticking.timeout.connect(self._tick)
        ticking.start()

    def _list_otherwise(self) -> None:
        self.library.show(self._order, archive=self._with_archive, trash=self._with_trash)

    def _show_order(self) -> None:
        named = tr(_ORDERS[self._order])
        self.grouping.setText(f"{named} ▾")
        self.grouping.setAccessibleName(tr("Group by: {order}", order=named))
        self.list.delegate.times = self._order is Order.MODEL

    @Slot()
    def _open_grouping(self) -> None:
        menu = Menu(self.grouping)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for order, named in _ORDERS.items():
            grouping = menu.addAction(tr(named), partial(self.group_by, order))
            grouping.setCheckable(True)
            grouping.setChecked(self._order is order)
        menu.addSeparator()
        self._add_sides(menu)
        menu.popup(self.grouping.mapToGlobal(QPoint(0, self.grouping.height() + 2)))

    @Slot()
    def _open_evaluate(self) -> None:
        menu = Menu(self.evaluate)
        menu.setAccessibleName(tr("Evaluate"))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name, number, wanted in (
            (tr("Runs"), self._runs, self.runs_wanted),
            (tr("Replay"), self._replays, self.replays_wanted),
        ):
            menu.addAction(tr("{name} ({n})", name=name, n=number) if number else name, wanted.emit)
        menu.popup(self.evaluate.mapToGlobal(QPoint(0, -menu.sizeHint().height() - 2)))

    @Slot()
    def _tick(self) -> None:
        """Update the displayed times every minute, and the periods when a new day begins."""
        self.list.viewport().update()
        if self._day != (today := self._clock().date()):
            self._day = today
            self.library.refresh()

    @Slot(str, bool)
    def _fold(self, comparison_id: str, on: bool) -> None:  # noqa: FBT001 - Qt's signal
        self.library.unfold(comparison_id, on=on)

    @Slot()
    def _open_first(self) -> None:
        if self.finding.hits:
            self.list.delegate.hit = ""
            self.list.setCurrentIndex(self.list.entries.index(0))
            self._step(1)

    @Slot(QMenu)
    def _add_options(self, menu: QMenu) -> None:
        for order, text in ((Order.RECENT, tr("Group by date")), (Order.MODEL, tr("Group by model"))):
            grouping = menu.addAction(text, partial(self.group_by, order))
            grouping.setCheckable(True)
            grouping.setChecked(self._order is order)
        self._add_sides(menu)

    def _add_sides(self, menu: QMenu) -> None:
        archive = menu.addAction(tr("Show archive"), lambda: self.show_archive(shown=not self._with_archive))
        archive.setCheckable(True)
        archive.setChecked(self._with_archive)
        trash = menu.addAction(tr("Show trash"), lambda: self.show_trash(shown=not self._with_trash))
        trash.setCheckable(True)
        trash.setChecked(self._with_trash)
        listing = self.library.listing
        thrown = len(self.library.trashed_comparisons)
        if self._with_trash and listing is not None and (count := listing.trash.count + thrown):
            menu.addAction(tr("Empty trash…"), partial(ask_to_empty, self, self.library, count))

    @Slot(object, bool)
    def _pin(self, ids: Sequence[str], pinned: bool) -> None:  # noqa: FBT001 - Qt's signal
        self.library.marking.pin(ids, pinned=pinned)

    @Slot(object, bool)
    def _archive(self, ids: Sequence[str], archived: bool) -> None:  # noqa: FBT001 - Qt's signal
        self.library.archive(ids, archived=archived)

    @Slot()
    def _show(self) -> None:
        listing, hits = self.library.listing, self.finding.hits
        listed: list[entries.Entry] = []
        if hits is not None:
            titled = self.finding.titled(self.library.comparisons)
            listed = entries.found(hits, HITS, titled, self.finding.title_test())
        elif listing is not None:
            listed = entries.listed(
                listing,
                self._name_of,
                self._clock(),
                order=self._order,
                comparisons=self.library.comparisons,
                unfolded=self.library.unfolded,
                trashed=self.library.trashed_comparisons,
                under_way=self.library.under_way,
                days=self._services.settings.get(TRASH_DAYS),
            )
        if hits is None and self.library.unasked:
            self.list.show_unasked(listed)
        else:
            self.list.show_entries(listed)
        sought = "" if hits is None else self.finding.field.text()
        if sought and sought != self._sought:
            self.list.scrollToTop()  # the newest hits are first; where the list stood before says nothing of them
        self._sought = sought
        self.finding.offer(listing.models if listing else (), self._name_of)
        self._empty.setText(tr(_EMPTY) if hits is None else tr(NOTHING))
        self._empty.setVisible(not listed and (hits is not None or not self.library.conversations))
        if hits is None:
            self.list.mark_opened(self._opened)
        if self._renamed and self.list.rename(self._renamed):
            self._renamed = ""

    def _name_of(self, ref: ModelRef) -> str:
        name = self._services.catalog.entry(ref.name).name or ref.name
        try:
            embedded = self._services.settings.connection(ref.connection).kind is Kind.EMBEDDED
        except ConnectionUnknown:
            embedded = False
        return tr("{model} (embedded)", model=strings.short_name(name)) if embedded else name


def _show_icon(button: QToolButton, theme: Theme) -> None:
    button.setIcon(icon("ellipsis", theme.muted, 16))
