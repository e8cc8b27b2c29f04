"""The words of `runs report` and `runs compare`."""

from __future__ import annotations

import argparse
from pathlib import Path

FORMATS = ("html", "csv", "jsonl", "junit")


def add_report_and_compare(
    actions: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    """Add the two to the actions of `runs`."""
    told = actions.add_parser("report", parents=[common], help="write a run for others: a page, or rows for programs")
    told.add_argument("id", metavar="ID", help="a run's id or its beginning")
    told.add_argument("--format", choices=FORMATS, default="html", help="html without this")
    told.add_argument("--output", type=Path, metavar="FILE", help="a file; standard output without it")
    both = actions.add_parser("compare", parents=[common], help="what changed from one run to another, and how surely")
    both.add_argument("ids", metavar="ID", nargs=2, help="the earlier run and the later one")
    both.add_argument("--json", action="store_true", help="print JSON")
