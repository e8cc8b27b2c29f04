"""Arguments of `successor`: the models to compare, or an action on a replay."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from desktop.replay.replay_limits import MOST_ITEMS, MOST_REPEATS, USUAL_ITEMS, USUAL_MARGIN
from desktop.terminal.batch_arguments import add_batch
from desktop.terminal.run_arguments import add_spending

FORMATS = ("html", "pdf", "md", "json", "csv", "litellm")
ACTIONS = ("list", "show", "resume", "cancel", "review", "report", "delete", "proven")

_USAGE = """\
paragone successor MODEL [MODEL ...] --of OLD [options]
       paragone successor list | show ID | resume ID | cancel ID | review ID | report ID | delete ID
       paragone successor proven [--format csv | litellm] [--output FILE]"""


def fill_successor(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Add the arguments of `successor`. One parser for all actions, since models and actions share their place."""
    del common
    command.usage = _USAGE
    command.add_argument(
        "words",
        metavar="MODEL",
        nargs="+",
        help=f"one to three successors as connection/model; or an action: {', '.join(ACTIONS)}",
    )
    command.add_argument(
        "--of",
        metavar="OLD",
        help="the model to replace: connection/model, an imported one such as imported-chatgpt/gpt-4o, "
        "or a model's name for all connections",
    )
    command.add_argument(
        "--last",
        type=_number(1, MOST_ITEMS),
        default=USUAL_ITEMS,
        metavar="N",
        help=f"number of turns, sampled evenly over conversations; default {USUAL_ITEMS}, at most {MOST_ITEMS:,}",
    )
    command.add_argument("--since", type=_day, metavar="DATE", help="only turns since this day, as YYYY-MM-DD")
    command.add_argument("--tag", action="append", default=[], help="only conversations with this tag; may be repeated")
    command.add_argument("--title", default="", metavar="TEXT", help="only conversations with this text in their title")
    command.add_argument(
        "--margin",
        type=_margin,
        default=USUAL_MARGIN,
        metavar="POINTS",
        help=f"net preference that the successor may lose and still count as not worse; default {USUAL_MARGIN:g}",
    )
    command.add_argument("--judge", default="", metavar="MODEL", help="a model that judges all pairs in both orders")
    command.add_argument(
        "--review",
        type=_number(0, MOST_ITEMS),
        metavar="N",
        help="turns to review yourself, drawn at random; default: all, or 60 with --judge",
    )
    command.add_argument(
        "--repeats", type=_number(1, MOST_REPEATS), default=1, metavar="K", help="answers of each successor per turn"
    )
    command.add_argument(
        "--control", action="store_true", help="also ask the old model again about every tenth turn (A/A control)"
    )
    command.add_argument("--estimate", action="store_true", help="print an estimate and send nothing")
    add_spending(command)
    add_batch(command)
    command.add_argument("--yes", action="store_true", help="do not ask for confirmation")
    command.add_argument(
        "--format", choices=FORMATS, help="of the report, default: html; or of the table of proven models: csv, litellm"
    )
    command.add_argument("--output", type=Path, metavar="FILE", help="a file; default: standard output")
    command.add_argument("--json", action="store_true", help="print JSON")


def _number(least: int, most: int) -> Callable[[str], int]:
    def parsed(text: str) -> int:
        if text.isascii() and text.isdigit() and least <= int(text[:9]) <= most:
            return int(text[:9])
        raise argparse.ArgumentTypeError(f"must be a number from {least} to {most:,}")

    return parsed


def _margin(text: str) -> float:
    try:
        points = float(text)
    except ValueError:
        points = -1.0
    if not 0 < points <= 100:
        raise argparse.ArgumentTypeError("must be a number of points above 0, up to 100")
    return points


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").astimezone(UTC)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a day as YYYY-MM-DD") from None
