"""`make bench`: every figure beside its target, as a table and as build/bench.json; misses are shown, not failed on."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

ROOM = Path(__file__).parent
REPORT = ROOM.parents[1] / "build" / "bench.json"


def main() -> int:
    """Measure all that `bench_*.py` beside this file offer, or those named on the command line; always 0."""
    names = sys.argv[1:] or sorted(path.stem.removeprefix("bench_") for path in ROOM.glob("bench_*.py"))
    rows: list[dict[str, object]] = []
    print(f"{'figure':<62} {'value':>10} {'target':>10}  unit")
    for name in names:
        measure: Callable[[], list[dict[str, object]]] = import_module(f"tests.bench.bench_{name}").measure
        try:
            measured = measure()
        except Exception:  # noqa: BLE001 - one figure that cannot be taken must not hide the others
            traceback.print_exc()
            print(f"{name:<62} could not be measured")
            continue
        for row in measured:
            rows.append(row)
            target = "" if row["target"] is None else f"{row['target']:g}"
            mark = "" if row["met"] is not False else "  missed"
            print(f"{row['name']!s:<62} {row['value']:>10.4g} {target:>10}  {row['unit']}{mark}", flush=True)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(rows, indent=2) + "\n")
    print(f"\nwritten to {REPORT.relative_to(Path.cwd()) if REPORT.is_relative_to(Path.cwd()) else REPORT}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
