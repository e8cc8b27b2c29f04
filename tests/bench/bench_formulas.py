"""Formulas of other programs' tests: tried, drawn, left as source, drawn wrong. Nothing where npm cannot fetch them."""

from __future__ import annotations

import asyncio
import shutil
import subprocess

from tests.bench.bench_window import row
from tests.corpora import formulas


def measure() -> list[dict[str, object]]:
    """Counts; none of them may be drawn wrong."""
    if shutil.which("npm") is None:
        return []
    try:
        tried, late, drawn = asyncio.run(formulas.drawings())
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return []
    return [
        row("formulas tried", tried, "formulas", None),
        row("formulas drawn", drawn.tried, "formulas", None),
        row("formulas left as source", tried - drawn.tried, "formulas", None),
        row("formulas that took too long", late, "formulas", None),
        row("formulas drawn wrong", len(drawn.wrong), "formulas", 0),
    ]
