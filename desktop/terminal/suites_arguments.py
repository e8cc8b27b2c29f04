"""The words of `suites` on the command line."""

from __future__ import annotations

import argparse
from pathlib import Path


def fill_suites(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Give the command its actions."""
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    check = actions.add_parser("check", parents=[common], help="check suite files")
    check.add_argument("file", metavar="FILE", type=Path, help="a suite as YAML or TOML")
    import_ = actions.add_parser("import", parents=[common], help="convert files of other programs to suites")
    import_.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        type=Path,
        help="promptfoo's YAML or CSV, OpenAI evals samples, or MT-Bench questions",
    )
    import_.add_argument(
        "--dry-run", action="store_true", help="report what would be imported, without writing anything"
    )
    for action in (check, import_):
        action.add_argument("--json", action="store_true", help="print JSON")
    actions.add_parser("schema", parents=[common], help="print the JSON Schema of suites, for editors")
