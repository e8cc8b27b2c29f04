"""Votes and their ranking written to a file: a table, lines, JSON, a web page or a picture, by the name's ending."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from msgspec import Struct
from PySide6.QtCore import QBuffer, QIODevice, QLocale, QObject, Qt, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from desktop.domain import now
from desktop.errors import ParagoneError, TransferError
from desktop.phrases import Phrase, phrase
from desktop.services import Services
from desktop.settings.policy import EXPORT
from desktop.transfer import export_writer
from desktop.voting import arena_votes, ranking_html, vote_lines
from desktop.voting.ranking import Ranking
from desktop.voting.ranking_html import PageWords
from desktop.voting.vote import Vote
from ui import strings
from ui.strings import tr, trn
from ui.tasks import Tasks

ENDINGS = (".csv", ".jsonl", ".json", ".html", ".png")


class ShownRanking(Struct, frozen=True):
    """What is written: all votes, those that count, the ranking, what can be claimed, what to know, and the picture."""

    votes: Sequence[Vote]
    counted: Sequence[Vote]
    ranking: Ranking
    claimed: Sequence[Phrase]
    known: Sequence[Phrase]
    picture: QImage


class RankingExport(QObject):
    """Asks for a place and writes there: whole or not at all, for its owner alone. What became of it goes to `say`."""

    def __init__(
        self, services: Services, tasks: Tasks, shown: Callable[[], ShownRanking | None], say: Callable[[str], None]
    ) -> None:
        super().__init__()
        self._services = services
        self._tasks = tasks
        self._shown = shown
        self._say = say

    def ask_where(self, parent: QWidget) -> None:
        """Let the user name a file; the system's own dialog asks before it takes one that is there."""
        if not self._services.settings.policy.get(EXPORT):
            self._say(tr("Exporting is not allowed here."))
            return
        kinds = ";;".join(
            (
                tr("Votes as a table (*.csv)"),
                tr("Votes, one per line (*.jsonl)"),
                tr("Ranking (*.json)"),
                tr("Web page (*.html)"),
                tr("Image (*.png)"),
            )
        )
        if self._shown() is None:
            self._say(tr("The votes are still being counted."))
            return
        dialog = QFileDialog(parent, tr("Export votes and ranking"), "votes.csv", kinds)
        dialog.setDefaultSuffix("csv")  # so that the dialog asks about the very file that is written

        def chosen(kind: str) -> None:
            """Another kind of file is wanted."""
            dialog.setDefaultSuffix(_ending(kind))

        dialog.filterSelected.connect(chosen)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._named)
        dialog.open()

    def write(self, path: Path) -> None:
        """Write what a file's ending asks for; votes as a table where it is none of those that are known."""
        self._tasks.start(self._write(path), name="ranking.export", failed=self._fail)

    @Slot(str)
    def _named(self, name: str) -> None:
        self.write(Path(name))

    async def _write(self, path: Path) -> None:
        self._services.settings.policy.demand(EXPORT)
        shown = self._shown()
        if shown is None:
            return
        if path.suffix.lower() not in ENDINGS:
            raise TransferError(
                phrase("{file} has no supported file extension.", file=path.name),
                hint=phrase("Supported extensions: {endings}.", endings=", ".join(ENDINGS)),
            )
        (await self._services.store()).safety.demand_other(path)
        pieces = _pieces(path.suffix.lower(), shown)
        await asyncio.to_thread(export_writer.write_bytes, path, pieces)
        said = tr("Saved: {file}", file=path.name)
        left_out = len(shown.votes) - len(shown.counted)
        if path.suffix.lower() == ".csv" and left_out:
            without = trn(
                "{n} vote that does not count was not exported.",
                "{n} votes that do not count were not exported.",
                left_out,
            )
            said = f"{said}. {without}"
        self._say(said)

    def _fail(self, error: ParagoneError) -> None:
        self._say(strings.sentence(error))


def _ending(kind: str) -> str:
    """The ending in a kind of files as a dialog lists it: “Picture (*.png)”."""
    return kind.rpartition("*.")[2].rstrip(")")


def _pieces(ending: str, shown: ShownRanking) -> Iterable[bytes]:
    match ending:
        case ".png":
            return [_png(shown.picture)]
        case ".json":
            said = [str(each) for each in shown.known]
            return [json.dumps(shown.ranking.document(said), ensure_ascii=False, indent=2).encode()]
        case ".html":
            words = PageWords(
                QLocale().bcp47Name(), QApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft, tr
            )
            page = ranking_html.page(shown.ranking, shown.claimed, shown.known, now().astimezone(), words)
            return [page.encode(errors="replace")]
        case ".jsonl":
            return vote_lines.written(shown.votes)
        case _:
            return (line.encode(errors="replace") for line in arena_votes.written(shown.counted))


def _png(picture: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")  # pyright: ignore[reportCallIssue, reportArgumentType] - as Qt's documents have it
    return bytes(buffer.data().data())
