"""Arguments of `run` and `runs`: all actions, options and their help."""

from __future__ import annotations

import argparse
import contextlib
import math
from pathlib import Path

from desktop.terminal.batch_arguments import add_allow_parameters, add_batch, add_waits, add_watch_and_cancel

FORMATS = ("html", "markdown", "csv", "jsonl", "junit")


def add_report_and_compare(
    actions: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    """Add `report` and `compare` to the actions of `runs`."""
    told = actions.add_parser("report", parents=[common], help="export a run as a page, or as data for other programs")
    told.add_argument("id", metavar="ID", help="a run's ID or its beginning")
    told.add_argument("--format", choices=FORMATS, default="html", help="default: html")
    told.add_argument("--output", type=Path, metavar="FILE", help="a file; default: standard output")
    both = actions.add_parser(
        "compare", parents=[common], help="what changed between two runs, with confidence intervals"
    )
    both.add_argument("ids", metavar="ID", nargs=2, help="the earlier and the later run")
    both.add_argument(
        "--fail-if-worse",
        action="store_true",
        help="exit status 0 if no contender is worse by more than the margin, 3 if one is, 4 if that is undecided",
    )
    both.add_argument(
        "--margin",
        type=_points,
        metavar="POINTS",
        help="with --fail-if-worse: largest acceptable loss in points, default 5",
    )
    both.add_argument("--json", action="store_true", help="print JSON")


MOST_REPEATS = 1_000


def fill_run(run: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Add the options of `run`."""
    del common
    run.add_argument("suite", metavar="SUITE", type=Path, help="a suite: a YAML or TOML file")
    run.add_argument("--estimate", action="store_true", help="print an estimate and send nothing")
    run.add_argument("--repeats", type=_repeats, metavar="N", help="number of repeats per case")
    run.add_argument("--only", metavar="TAG", help="only the cases with this tag")
    run.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="REF",
        help="connection/model, instead of the suite's contenders; may be repeated",
    )
    run.add_argument(
        "--tools-from",
        metavar="RUN",
        help="call no tools: use the tool results of this run, an ID or its beginning",
    )
    add_allow(run)
    add_gates(run)
    add_batch(run)
    add_spending(run)
    _flagged(run)
    add_allow_parameters(run)
    _yes(run)
    _json(run)


def fill_runs(runs: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Add the actions of `runs`."""
    actions = runs.add_subparsers(dest="action", metavar="ACTION", required=True)
    _json(actions.add_parser("list", parents=[common], help="list the runs, newest first"))
    _json(_named(actions.add_parser("show", parents=[common], help="show the results of a run")))
    resume = _named(actions.add_parser("resume", parents=[common], help="run the remaining cases"))
    retry = _named(actions.add_parser("retry", parents=[common], help="retry failed cases and run the remaining ones"))
    for command in (resume, retry):
        add_allow(command)
        add_gates(command)
        add_waits(command)
        add_spending(command)
        _flagged(command)
        add_allow_parameters(command)
        _json(command)
    add_watch_and_cancel(actions, common)
    grade = _named(actions.add_parser("grade", parents=[common], help="grade the saved responses again"))
    grade.add_argument("--graders", type=Path, metavar="FILE", help="with these graders instead of the suite's")
    add_allow_parameters(grade)
    _json(grade)
    add_report_and_compare(actions, common)
    delete = _named(actions.add_parser("delete", parents=[common], help="delete a run and its responses permanently"))
    _yes(delete)
    _json(delete)


def _named(command: argparse.ArgumentParser) -> argparse.ArgumentParser:
    command.add_argument("id", metavar="ID", help="a run's ID or its beginning")
    return command


def _json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print JSON")


def _yes(command: argparse.ArgumentParser) -> None:
    command.add_argument("--yes", action="store_true", help="do not ask for confirmation")


def add_spending(command: argparse.ArgumentParser) -> None:
    """Add the options for caps and unknown prices."""
    command.add_argument("--cap", type=_usd, metavar="USD", help="total cost cap in US dollars")
    command.add_argument(
        "--allow-unknown-prices",
        action="store_true",
        help="with a cap, include models without a known price; the cap does not cover them",
    )


def add_allow(command: argparse.ArgumentParser) -> None:
    """Add the option that allows tools, since nobody is asked during a run."""
    command.add_argument(
        "--allow",
        action="append",
        default=[],
        metavar="NAME",
        help='allow calls of a tool server or of a tool (SERVER/TOOL); "all" allows all; may be repeated; other calls '
        "are denied",
    )


def add_gates(command: argparse.ArgumentParser) -> None:
    """Add what every contender must reach. With any of these options, they alone decide the exit status."""
    for name, what in (("--min-score", "score"), ("--min-pass-rate", "pass rate")):
        command.add_argument(
            name, type=_share, metavar="SHARE", help=f"gate: lowest {what} of each contender, such as 0.9"
        )
    command.add_argument(
        "--max-errors",
        type=_number,
        metavar="N",
        help="gate: number of errors that are allowed, 0 with another gate. Exit status: 0 if all gates hold, 3 if one "
        "fails, 4 for more errors, 1 if the run was capped or stopped",
    )


def _flagged(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--allow-flagged",
        action="store_true",
        help="send prompts even if they seem to contain a key or a card number",
    )


def _usd(text: str) -> float:
    with contextlib.suppress(ValueError):
        usd = float(text)
        if math.isfinite(usd) and usd >= 0:
            return usd
    raise argparse.ArgumentTypeError("must be an amount in US dollars, 0 or more")


def _share(text: str) -> float:
    with contextlib.suppress(ValueError):
        share = float(text)
        if 0 <= share <= 1:
            return share
    raise argparse.ArgumentTypeError("must be a share from 0 to 1, such as 0.9")


def _points(text: str) -> float:
    with contextlib.suppress(ValueError):
        points = float(text)
        if 0 <= points <= 100:
            return points
    raise argparse.ArgumentTypeError("must be a number of points from 0 to 100")


def _number(text: str) -> int:
    if text.isascii() and text.isdigit():
        return int(text[:9])
    raise argparse.ArgumentTypeError("must be a number, 0 or more")


def _repeats(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST_REPEATS:
        return int(text[:9])
    raise argparse.ArgumentTypeError(f"must be a number from 1 to {MOST_REPEATS:,}")
