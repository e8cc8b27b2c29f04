"""Self-test of the installed Qt parts without a display: plug-ins, icons, a window and languages."""

from __future__ import annotations

import os

from PySide6.QtCore import QLibraryInfo, QTimer
from PySide6.QtWidgets import QApplication, QLabel

from desktop.system.paths import resources
from desktop.terminal.selftest_outcome import NotAsItMust, require
from ui.base.icons import icon
from ui.base.language import Language
from ui.base.theme import Themes


async def window() -> str:
    """Paint a window off screen.

    Raises:
        NotAsItMust: If a part is missing.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    if not isinstance(app, QApplication):
        raise NotAsItMust("there is an application without windows")
    Themes().apply()
    label = QLabel("Paragone")
    label.show()
    require(not label.grab().toImage().isNull(), "nothing was painted")
    require(not icon("check", "#000000", 16).pixmap(16, 16).isNull(), "icons cannot be drawn")
    plugins = QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)
    found = sorted(path.stem for path in (resources() / "i18n").glob("*.qm"))
    require(found, "the translations are missing")
    for code in ("de", "ar"):
        language = Language(app)
        language.use(code)
        require(language.code == code, f"{code} cannot be used")
        language.leave()
    QTimer.singleShot(0, app, app.quit)
    return f"Qt {QLibraryInfo.version().toString()} paints; plug-ins in {plugins}"
