"""A window of bare Qt that tells when it was painted, as window_child does: what no program in Python can undercut."""

from __future__ import annotations

import json
import sys
import time

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

# ruff: noqa: N802 - Qt names what is overridden here


class BareWindow(QWidget):
    """Tells of its first paint."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell once it is on the screen."""
        super().paintEvent(event)
        QTimer.singleShot(0, self, lambda: print(json.dumps({"what": "painted", "at": time.monotonic()}), flush=True))


def main() -> int:
    """Show it until it is ended."""
    app = QApplication([])
    window = BareWindow()
    window.resize(1200, 800)
    window.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
