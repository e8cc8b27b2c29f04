"""Search box of the sidebar, with filter chips and the search results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from desktop.domain.comparison import ComparisonSummary
from desktop.domain.conversation_types import ModelRef
from desktop.store.search.search_hit import SearchHit
from desktop.text.phrases import phrase
from ui.base.strings import number_text, tr, trn
from ui.sidebar import filter_words
from ui.sidebar.entries import NameOf
from ui.sidebar.library import HITS, Library
from ui.sidebar.search_field import SearchField
from ui.widgets.announcement import announce
from ui.widgets.labels import check_quietly, set_role
from ui.widgets.menu import Menu
from ui.widgets.paragraph import Paragraph
from ui.widgets.tips import put_tip
from ui.widgets.wrapping_layout import WrapLayout

_LONGEST = 18

Choices = Sequence[tuple[str, str]]
"""Labels and values of a filter's menu."""


class FilterChips(QWidget):
    """Wrapping row of filter chips. `wanted` is emitted with the new query."""

    wanted = Signal(str)

    def __init__(self, clock: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Filters"))
        self._clock = clock
        self._text = ""
        self._choices: dict[str, Choices] = {}
        layout = WrapLayout(self, gap=4)
        self.chips: dict[str, QPushButton] = {}
        for name, title in (
            ("model", tr("Model")),
            ("from", tr("Date")),
            ("role", tr("Author")),
            ("tag", tr("Tag")),
            ("pinned", tr("Pinned")),
            ("code", tr("Has code")),
        ):
            chip = QPushButton(title)
            chip.setProperty("role", "chip-off")
            chip.setCheckable(True)
            chip.setAccessibleName(tr("Filter: {name}", name=title))
            chip.toggled.connect(partial(self._toggled, name))
            layout.addWidget(chip)
            self.chips[name] = chip
        self._titles = {name: chip.text() for name, chip in self.chips.items()}

    def offer(self, models: Choices, tags: Sequence[str]) -> None:
        """Set the available models and tags."""
        self._choices = {"model": models, "tag": [(tag, tag) for tag in tags]}
        self.chips["tag"].setVisible(bool(tags))
        self.chips["model"].setVisible(bool(models))

    def show_search(self, text: str) -> None:
        """Show the filters of a query."""
        self._text = text
        held = filter_words.held(text, self._clock()) if text.strip() else {}
        for name, chip in self.chips.items():
            values = self._values(name, held)
            value = self._called(name, values[0]) if values else ""
            title = self._titles[name]
            shown = value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"
            chip.setText(shown.replace("&", "&&") if shown else title)
            put_tip(chip, f"{title}: {value}" if value else "")
            check_quietly(chip, on=bool(values))
            set_role(chip, "role", "chip" if values else "chip-off")

    def choices(self, name: str) -> Choices:
        """Return the items of a chip's menu."""
        if name == "from":
            today = self._clock().date()
            month, year = f"{today:%Y-%m}", f"{today:%Y}"
            week = str(today - timedelta(days=6))
            return (
                (tr("Today"), "today"),
                (tr("Last 7 days"), week),
                (tr("This month"), month),
                (tr("This year"), year),
            )
        if name == "role":
            return (tr("You"), "user"), (tr("Models"), "assistant")
        return self._choices.get(name, ())

    def _values(self, name: str, held: dict[str, list[str]]) -> list[str]:
        if name == "pinned":
            return [self._titles[name] for value in held.get("is", []) if value.casefold() == "pinned"]
        if name == "code":
            return [self._titles[name] for _ in held.get("has", [])]
        return held.get(name, []) or (held.get("to", []) if name == "from" else [])

    def _called(self, name: str, value: str) -> str:
        return next((title for title, each in self.choices(name) if each.casefold() == value.casefold()), value)

    def _toggled(self, name: str, on: bool) -> None:  # noqa: FBT001 - Qt's signal
        del on
        self._pressed(name)

    def _pressed(self, name: str) -> None:
        chip = self.chips[name]
        on = chip.property("role") == "chip"
        check_quietly(chip, on=on)  # what is pressed shows what the words say
        now = self._clock()
        if name in ("pinned", "code"):
            key, value = ("is", "pinned") if name == "pinned" else ("has", "code")
            put = filter_words.put(self._text, now, key, value)
            self.wanted.emit(filter_words.taken_out(self._text, now, key, value) if on else put)
        elif on:
            text = filter_words.taken_out(self._text, now, name)
            self.wanted.emit(filter_words.taken_out(text, now, "to") if name == "from" else text)
        else:
            self._offer(name, chip)

    def _offer(self, name: str, chip: QPushButton) -> None:
        menu = Menu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        for title, value in self.choices(name):
            menu.addAction(title.replace("&", "&&"), partial(self._chosen, name, value))
        menu.popup(chip.mapToGlobal(QPoint(0, chip.height() + 2)))

    def _chosen(self, name: str, value: str) -> None:
        self.wanted.emit(filter_words.put(self._text, self._clock(), name, value))


_LOOK_AGAIN_MS = 30
_SETTLED_MS = 300
"""Time without typing after which the number of matches is announced."""

NOTHING = phrase("No message contains all these words.")


class SearchBox(QWidget):
    """Search field, with filter chips while a search is active."""

    changed = Signal()
    """Emitted when the results have changed or the search has ended."""
    left = Signal()
    """Emitted when a key ends the search and the widget that had the focus before no longer exists."""

    def __init__(
        self, library: Library, shortcut: QKeySequence, clock: Callable[[], datetime], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._library = library
        self._clock = clock
        self.hits: Sequence[SearchHit] | None = None
        """What was found; None while nothing is sought."""
        self.field = SearchField(shortcut)
        self.chips = FilterChips(clock)
        self.chips.hide()
        self.renewal = Paragraph("", "muted")
        self.renewal.hide()
        self._is_renewing = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.field)
        column.addWidget(self.chips)
        column.addWidget(self.renewal)
        self.field.textChanged.connect(self._typed)
        self.chips.wanted.connect(self._take)
        self.field.left.connect(self._leave)
        library.found.connect(self._found)
        library.trashed.connect(self._ask_anew)
        library.restored.connect(self._ask_anew)
        self._before: QWidget | None = None
        self._is_down = False
        self._pressed = QTimer(self, singleShot=True)
        self._pressed.timeout.connect(self._settle_chips)
        self._settled = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._settled.timeout.connect(self._say)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._focus_moved)

    def offer(self, models: Sequence[ModelRef], name_of: NameOf) -> None:
        """Set the available models. The tags come from the library."""
        self.chips.offer([(name_of(ref), str(ref)) for ref in models], list(self._library.tags))
        self.chips.show_search(self.field.text())

    def titled(self, comparisons: Sequence[ComparisonSummary]) -> list[ComparisonSummary]:
        """Return the comparisons whose titles match; none if a filter excludes comparisons."""
        from desktop.store.search import query

        asked, holds = query.parse(self.field.text(), self._clock()), self.title_test()
        return [each for each in comparisons if not asked.filters_conversations and holds(each.title)]

    def title_test(self) -> Callable[[str], bool]:
        """Return a function that reports whether a title matches the query. With filters for messages, none does."""
        # Imported late, because the store, which defines how words are compared, is loaded on demand.
        from desktop.store.records import index_text
        from desktop.store.search import query

        asked = query.parse(self.field.text(), self._clock())
        terms = () if asked.filters_messages else asked.terms

        def holds(title: str) -> bool:
            """Whether the title contains all words, compared in the same way as in messages."""
            indexed = index_text.indexed(title)
            return bool(terms) and all(term.holds(indexed) for term in terms)

        return holds

    def words_found(self, message_id: str) -> str:
        """Return the first matching words of a message as they are written there, or an empty string."""
        hit = next((each for each in self.hits or () if each.message_id == message_id and each.marks), None)
        if hit is None:
            return ""
        start, end = hit.marks[0]
        for begin, until in hit.marks[1:]:
            if hit.snippet[end:begin] != " ":
                break
            end = until
        return hit.snippet[start:end]

    @Slot(int)
    def show_renewal(self, percent: int) -> None:
        """Show the progress of updating the search index in percent; 100 hides it."""
        was, self._is_renewing = self._is_renewing, percent < 100
        self.renewal.setText(
            tr(
                "Updating the search index: {percent}%. Until the update is complete, searches find older "
                "messages with the previous index.",
                percent=number_text(percent),
            )
        )
        self.renewal.setVisible(self._is_renewing and self.is_seeking)
        if was and not self._is_renewing:
            self._ask_anew()

    @property
    def is_seeking(self) -> bool:
        """Whether the query is not empty."""
        return bool(self.field.text().strip())

    @Slot(str)
    def _typed(self, text: str) -> None:
        self.chips.show_search(text)
        self.field.show_hit(0, 0)
        self.renewal.setVisible(self._is_renewing and self.is_seeking)
        if self.is_seeking:
            self.chips.show()
            self._library.search(text)
        else:
            self.hits = None
            self._show_chips()
            self.changed.emit()

    @Slot()
    def _ask_anew(self) -> None:
        """Repeat the search after the content of the trash has changed."""
        if self.hits is not None:
            self._library.search(self.field.text())

    @Slot(str)
    def _take(self, text: str) -> None:
        self.field.setText(text)
        self.field.setFocus()

    @Slot(str, object)
    def _found(self, text: str, hits: Sequence[SearchHit]) -> None:
        if text == self.field.text():
            self.hits = hits
            self._settled.start()
            self.changed.emit()

    @Slot()
    def _say(self) -> None:
        """Announce the number of matches once the user has stopped typing."""
        if self.hits is not None and self.field.hasFocus():
            more = "+" if len(self.hits) >= HITS else ""
            number = trn("{n} hit", "{n} hits", len(self.hits))
            announce(self.field, f"{number}{more}" if self.hits else tr(NOTHING))

    @Slot(QWidget, QWidget)
    def _focus_moved(self, old: QWidget | None, new: QWidget | None) -> None:
        if new is self.field and old is not None and not self.isAncestorOf(old):
            self._before = old
        if new is not None:  # else a menu has it, or another window
            self._settle_chips()

    @Slot()
    def _leave(self) -> None:
        """Return the focus to the widget that had it before the search."""
        before, self._before = self._before, None
        if before is not None and isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.left.emit()

    @Slot()
    def _settle_chips(self) -> None:
        """Update the chips, but not while a mouse button is down, because they would move."""
        if QApplication.mouseButtons() is not Qt.MouseButton.NoButton:
            self._is_down = True
            self._pressed.start(_LOOK_AGAIN_MS)
        elif self._is_down:  # a second press may come, which makes it a double click
            self._is_down = False
            self._pressed.start(QApplication.doubleClickInterval())
        else:
            self._show_chips()

    def _show_chips(self) -> None:
        focused = self.focusWidget() if self.isVisible() else None
        within = focused is not None and focused.hasFocus()
        self.chips.setVisible(bool(self.field.text().strip()) or within)
