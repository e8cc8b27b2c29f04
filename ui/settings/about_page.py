"""About page: version, license and third-party notices."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QLibraryInfo, Qt, Slot
from PySide6.QtWidgets import QPushButton

from desktop.system.paths import notices
from ui.base.link_opener import open_local
from ui.base.strings import tr
from ui.widgets.labels import label
from ui.widgets.page import Page
from ui.widgets.paragraph import Paragraph


class AboutPage(Page):
    """Page about the program. The button for notices is shown only in installed programs, which include them."""

    def __init__(self, version: str, file: Path | None = None) -> None:
        super().__init__(tr("About"), keywords=tr("version license notices open source Qt"))
        self._file = file or notices()
        self.show_notices = QPushButton(tr("Notices and licenses"))
        self.show_notices.setAccessibleName(tr("Notices and licenses"))
        self.show_notices.setVisible(self._file.is_file())
        self.show_notices.clicked.connect(self._show)
        sentences = (
            tr(
                "Free software under the Apache License 2.0. Paragone sends only your prompts, and only "
                "to the servers that you choose."
            ),
            tr(
                "Built with Qt {qt} and PySide6, used under the GNU Lesser General Public License 3, and "
                "with the work of many others. The Qt libraries are stored alongside the program and can "
                "be replaced.",
                qt=QLibraryInfo.version().toString(),
            ),
        )
        self.column.addWidget(label(tr("Paragone {version}", version=version), "strong"))
        for sentence in sentences:
            self.column.addSpacing(8)
            self.column.addWidget(Paragraph(sentence))
        self.column.addSpacing(16)
        self.column.addWidget(self.show_notices, 0, Qt.AlignmentFlag.AlignLeft)

    @Slot()
    def _show(self) -> None:
        open_local(self._file)
