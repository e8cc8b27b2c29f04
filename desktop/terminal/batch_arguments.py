"""Arguments of runs through a Batch API."""

from __future__ import annotations

import argparse

SHORTEST_S, LONGEST_S = 60, 86_400
"""Minimum and maximum interval between polls of a server in seconds."""


def add_batch(run: argparse.ArgumentParser) -> None:
    """Add `--batch` and its waiting options to `run`."""
    run.add_argument("--batch", action="store_true", help="send everything as a batch: half the price, within a day")
    add_waits(run)


def add_waits(command: argparse.ArgumentParser) -> None:
    """Add the options for waiting until a batch is done."""
    command.add_argument("--no-wait", action="store_true", help="with --batch: check the server once, then exit")
    command.add_argument(
        "--every",
        type=_seconds,
        default=SHORTEST_S,
        metavar="SECONDS",
        help=f"with --batch: seconds between checks, default {SHORTEST_S}, at least",
    )


def add_allow_parameters(command: argparse.ArgumentParser) -> None:
    """Add the option that accepts parameters from other people's files."""
    command.add_argument(
        "--allow-parameters",
        action="store_true",
        help="also send parameters that can change how the provider handles requests, such as tools or a service tier",
    )


def add_watch_and_cancel(
    actions: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    """Add `watch` and `cancel` to the actions of `runs`."""
    watch = actions.add_parser("watch", parents=[common], help="wait for what was sent, and send nothing more")
    cancel = actions.add_parser(
        "cancel", parents=[common], help="cancel a batch; completed requests are kept and charged"
    )
    for command in (watch, cancel):
        command.add_argument("id", metavar="ID", help="a run's ID or its beginning")
        add_waits(command)
        add_allow_parameters(command)
        command.add_argument("--json", action="store_true", help="print JSON")


def _seconds(text: str) -> int:
    if text.isascii() and text.isdigit() and SHORTEST_S <= int(text[:9]) <= LONGEST_S:
        return int(text[:9])
    raise argparse.ArgumentTypeError(f"must be a number of seconds from {SHORTEST_S} to {LONGEST_S:,}")
