"""Every dialog on a small screen and with large text: it fits, its buttons stay in sight, the rest scrolls."""

from __future__ import annotations

import ast
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from desktop.domain.conversation_types import now
from desktop.services import Services
from tests.desktop.session.fakes import LOOPBACK
from tests.ui import finding
from ui.attachments.file_viewer import FileViewer
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.compare.rerun_dialog import RerunDialog
from ui.connections.add_dialog import AddConnectionDialog
from ui.connections.edit_dialog import EditConnectionDialog
from ui.pane.request_dialog import RequestDialog
from ui.settings.settings_dialog import SettingsDialog
from ui.sidebar.entries import periods
from ui.sidebar.library import Library
from ui.sidebar.tags_dialog import TagsDialog
from ui.tools.paste_dialog import PasteDialog
from ui.tools.server_dialog import ServerDialog
from ui.transfer.export_dialog import ExportDialog
from ui.transfer.import_dialog import ImportDialog
from ui.transfer.print_dialog import PrintDialog
from ui.workspace.schema_dialog import SchemaDialog

SCREEN = QSize(1024, 592)
"""What a screen of 1024x640 leaves below the title of a window."""


class Surroundings:
    """What the dialogs are made with."""

    def __init__(self, services: Services, tasks: Tasks, themes: Themes, window: QWidget) -> None:
        self.services, self.tasks, self.themes, self.window = services, tasks, themes, window


async def no_slip(_schema: object) -> str:
    """A schema in which there is nothing wrong."""
    return ""


MADE: dict[str, Callable[[Surroundings], QDialog]] = {
    "AddConnectionDialog": lambda x: AddConnectionDialog(x.services, x.tasks, x.themes, x.window),
    "EditConnectionDialog": lambda x: EditConnectionDialog(LOOPBACK, x.services, x.tasks, x.themes, x.window),
    "ExportDialog": lambda x: ExportDialog(x.services, x.tasks, x.themes, ("a",), x.window),
    "FileViewer": lambda x: FileViewer(x.services, x.tasks, x.themes, x.window),
    "ImportDialog": lambda x: ImportDialog(x.services, x.tasks, x.themes, x.window),
    "PasteDialog": lambda x: PasteDialog(x.services, x.tasks, x.window),
    "PrintDialog": lambda x: PrintDialog(x.services, x.tasks, ("a",), x.window),
    "RequestDialog": lambda x: RequestDialog(x.window),
    "RerunDialog": lambda x: RerunDialog(x.themes.current, x.window),
    "SchemaDialog": lambda x: SchemaDialog("", (), 2, no_slip, x.tasks, x.window),
    "ServerDialog": lambda x: ServerDialog(x.services, x.tasks, None, x.window),
    "SettingsDialog": lambda x: SettingsDialog(x.services, x.tasks, x.themes, parent=x.window),
    "TagsDialog": lambda x: TagsDialog(("a",), Library(x.services, x.tasks, periods=lambda: periods(now())), x.window),
}


@pytest.fixture(params=[1, 2], ids=["usual text", "text of 200%"])
async def around(
    services: Services, tasks: Tasks, themes: Themes, request: pytest.FixtureRequest
) -> AsyncIterator[Surroundings]:
    window = QWidget()
    window.resize(SCREEN)
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    sheet = app.styleSheet()
    scale = int(request.param)
    app.setStyleSheet(re.sub(r"font-size: (\d+)px", lambda found: f"font-size: {int(found[1]) * scale}px", sheet))
    window.show()
    yield Surroundings(services, tasks, themes, window)
    app.setStyleSheet(sheet)
    window.close()
    window.deleteLater()


def dialogs() -> set[str]:
    """The names of all dialogs of the window that are not made for others to extend."""
    bases: dict[str, list[str]] = {}
    for path in (Path(__file__).parents[2] / "ui").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases[node.name] = [base.id for base in node.bases if isinstance(base, ast.Name)]

    def is_dialog(name: str) -> bool:
        return any(base == "QDialog" or is_dialog(base) for base in bases.get(name, ()))

    extended = {base for names in bases.values() for base in names}
    return {name for name in bases if is_dialog(name) and name not in extended}


def test_every_dialog_is_tried_here() -> None:
    assert dialogs() == {*MADE}


@pytest.mark.parametrize("name", MADE)
async def test_a_dialog_fits_a_small_screen_with_its_buttons(around: Surroundings, name: str) -> None:
    dialog = MADE[name](around)
    dialog.show()
    await around.tasks.settle(20)
    QApplication.processEvents()
    dialog.resize(dialog.size().boundedTo(SCREEN))  # as `within_screen` does on a screen of this size
    QApplication.processEvents()
    assert dialog.size().boundedTo(SCREEN) == dialog.size()
    assert finding.cut_off(dialog) == []
    dialog.done(0)
