"""Summary of a foldable section: a line with a triangle, which folds and unfolds what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor

from ui.transcript.message.segments import Press, Segment

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from ui.transcript.message.section_folds import OpenSection
    from ui.transcript.text.documents import Marks
    from ui.transcript.text.look import Look

_TRIANGLE = 22
"""Width in pixels of the space before the summary, as the document writer leaves it."""

_MARKS = {True: "▸", False: "▾"}
_CENTER = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute


class SectionSegment(Segment):
    """Summary of a section. The slab tells it at each layout whether the section is folded."""

    section: OpenSection | None = None
    """The section that begins here; None before the first layout."""

    @property
    def is_folded(self) -> bool:
        """Whether the section is folded."""
        return self.section is not None and self.section.folded

    def paint(self, painter: QPainter, look: Look, at: QPointF, width: int, clip: QRectF, marks: Marks) -> None:
        """Paint the summary and the triangle before it, which points to the text if the section is folded."""
        super().paint(painter, look, at, width, clip, marks)
        is_rtl = self.laid.ends_rtl
        left = at.x() + width - _TRIANGLE if is_rtl else at.x()
        line = self.laid.place_of(0)
        box = QRectF(left, at.y() + line.y(), _TRIANGLE, max(line.height(), 1))
        sign = "◂" if self.is_folded and is_rtl else _MARKS[self.is_folded]
        painter.setFont(look.fonts.body)
        painter.setPen(QColor(look.theme.muted))
        painter.drawText(box, _CENTER | (Qt.AlignmentFlag.AlignRight if is_rtl else Qt.AlignmentFlag.AlignLeft), sign)

    def press_at(self, point: QPointF, width: int) -> Press:
        """Return that a click on the summary folds or unfolds the section."""
        return Press.FOLD if 0 <= point.x() <= width and 0 <= point.y() <= self.height(width) else Press.NOTHING
