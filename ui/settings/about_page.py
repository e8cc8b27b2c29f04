"""About page: version, check for updates, license and third-party notices."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, Qt, Slot
from PySide6.QtWidgets import QPushButton

from desktop.errors import ParagoneError
from desktop.services import Services
from desktop.settings.policy import UPDATE_CHECK
from desktop.system.paths import notices, resources
from ui.base.link_opener import open_local, open_page
from ui.base.strings import sentence, tr
from ui.base.tasks import Tasks
from ui.widgets.labels import label
from ui.widgets.page import Page
from ui.widgets.paragraph import Paragraph


def _button(text: str) -> QPushButton:
    made = QPushButton(text)
    made.setAccessibleName(text)
    return made


class AboutPage(Page):
    """Page about the program. The button for notices is shown only in installed programs, which include them."""

    def __init__(self, services: Services, tasks: Tasks, file: Path | None = None) -> None:
        super().__init__(tr("About"), keywords=tr("version update license notices open source Qt"))
        self._services = services
        self._tasks = tasks
        self._file = file or notices()
        self._news = ""
        self.check = _button(tr("Check for updates"))
        self.check.setVisible(services.settings.policy.get(UPDATE_CHECK))
        self.check.clicked.connect(self._check)
        self.said = Paragraph(tr("Paragone checks only when you ask, and installs nothing."), "muted")
        self.said.setVisible(not self.check.isHidden())
        self.show_news = _button(tr("What is new"))
        self.show_news.hide()
        self.show_news.clicked.connect(self._open_news)
        self.show_notices = _button(tr("Notices and licenses"))
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
        self.column.addWidget(label(tr("Paragone {version}", version=services.version), "strong"))
        self.column.addSpacing(8)
        self.column.addWidget(self.check, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addWidget(self.said)
        self.column.addWidget(self.show_news, 0, Qt.AlignmentFlag.AlignLeft)
        for text in sentences:
            self.column.addSpacing(8)
            self.column.addWidget(Paragraph(text))
        self.column.addSpacing(16)
        self.column.addWidget(self.show_notices, 0, Qt.AlignmentFlag.AlignLeft)

    @Slot()
    def _show(self) -> None:
        open_local(self._file)

    @Slot()
    def _open_news(self) -> None:
        open_page(self._news)

    @Slot()
    def _check(self) -> None:
        self.check.setEnabled(False)
        self.said.setText(tr("Checking…"))
        self._tasks.start(self._look(), name="settings.updates", failed=self._fail)

    def _fail(self, error: ParagoneError) -> None:
        self.check.setEnabled(True)
        self.said.setText(sentence(error))

    async def _look(self) -> None:
        from desktop.diagnosis.update_check import is_newer, newest_release, source_of

        services = self._services
        source = source_of(services.settings.policy, resources() / "updates.toml")
        release = await newest_release(source, services.gateway.options, datetime.now(UTC).date())
        self.check.setEnabled(True)
        newer = is_newer(release, services.version)
        self._news = release.notes if newer else ""
        self.show_news.setVisible(bool(self._news))
        if newer:
            text = tr("Paragone {version} is available. Upgrade it the way you installed it.", version=release.version)
        else:
            text = tr("This is the newest version.")
        self.said.setText(text)
