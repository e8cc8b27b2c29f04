"""The words of `runs report` and `runs compare`."""

from __future__ import annotations

import argparse
from pathlib import Path

FORMATS = ("html", "csv", "jsonl", "junit")


def add_report_and_compare(
    actions: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    """Add the two to the actions of `runs`."""
    told = actions.add_parser("report", parents=[common], help="export a run as a page, or as data for other programs")
    told.add_argument("id", metavar="ID", help="a run's ID or its beginning")
    told.add_argument("--format", choices=FORMATS, default="html", help="default: html")
    told.add_argument("--output", type=Path, metavar="FILE", help="a file; default: standard output")
    both = actions.add_parser(
        "compare", parents=[common], help="what changed between two runs, with confidence intervals"
    )
    both.add_argument("ids", metavar="ID", nargs=2, help="the earlier and the later run")
    both.add_argument("--json", action="store_true", help="print JSON")
