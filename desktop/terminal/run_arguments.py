"""The words of `run` and `runs`: every action, option and its help."""

from __future__ import annotations

import argparse
import contextlib
import math
from pathlib import Path

from desktop.terminal.batch_arguments import add_allow_parameters, add_batch, add_waits, add_watch_and_cancel
from desktop.terminal.run_report_arguments import add_report_and_compare

MOST_REPEATS = 1_000


def fill_run(run: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Give `run` its options."""
    del common
    run.add_argument("suite", metavar="SUITE", type=Path, help="a suite: a YAML or TOML file")
    run.add_argument("--estimate", action="store_true", help="say what it would take and could show, and ask nothing")
    run.add_argument("--repeats", type=_repeats, metavar="N", help="ask everything so many times")
    run.add_argument("--only", metavar="TAG", help="ask the cases of this tag alone")
    run.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="REF",
        help="connection/model, in the place of the suite's contenders; may be repeated",
    )
    add_batch(run)
    _spending(run)
    _flagged(run)
    add_allow_parameters(run)
    _yes(run)
    _json(run)


def fill_runs(runs: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Give `runs` its actions."""
    actions = runs.add_subparsers(dest="action", metavar="ACTION", required=True)
    _json(actions.add_parser("list", parents=[common], help="list the runs, newest first"))
    _json(_named(actions.add_parser("show", parents=[common], help="what a run comes to")))
    resume = _named(actions.add_parser("resume", parents=[common], help="ask what was not asked yet"))
    retry = _named(
        actions.add_parser("retry", parents=[common], help="ask again what came to nothing, and what is left")
    )
    for command in (resume, retry):
        add_waits(command)
        _spending(command)
        _flagged(command)
        add_allow_parameters(command)
        _json(command)
    add_watch_and_cancel(actions, common)
    grade = _named(actions.add_parser("grade", parents=[common], help="grade the answers again that are kept"))
    grade.add_argument("--graders", type=Path, metavar="FILE", help="by these graders, in the place of the suite's")
    add_allow_parameters(grade)
    _json(grade)
    add_report_and_compare(actions, common)
    delete = _named(actions.add_parser("delete", parents=[common], help="delete a run with its answers for good"))
    _yes(delete)
    _json(delete)


def _named(command: argparse.ArgumentParser) -> argparse.ArgumentParser:
    command.add_argument("id", metavar="ID", help="a run's id or its beginning")
    return command


def _json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print JSON")


def _yes(command: argparse.ArgumentParser) -> None:
    command.add_argument("--yes", action="store_true", help="do not ask")


def _spending(command: argparse.ArgumentParser) -> None:
    command.add_argument("--cap", type=_usd, metavar="USD", help="stop before the run costs more than this in all")
    command.add_argument(
        "--allow-unknown-prices",
        action="store_true",
        help="with a cap, also ask models whose price nobody knows; they do not count",
    )


def _flagged(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--allow-flagged",
        action="store_true",
        help="send prompts that seem to hold a key or a card number all the same",
    )


def _usd(text: str) -> float:
    with contextlib.suppress(ValueError):
        usd = float(text)
        if math.isfinite(usd) and usd >= 0:
            return usd
    raise argparse.ArgumentTypeError("it takes an amount in US dollars, 0 or more")


def _repeats(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST_REPEATS:
        return int(text[:9])
    raise argparse.ArgumentTypeError(f"it takes a number from 1 to {MOST_REPEATS:,}")
