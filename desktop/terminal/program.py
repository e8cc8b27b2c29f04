"""Executes a terminal command: parses the arguments, creates and closes the services, returns the exit status."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
from collections.abc import Callable

from desktop import services
from desktop.errors import ParagoneError, UsageError
from desktop.settings.policy import START_NOTICE
from desktop.system.log import logger
from desktop.terminal.console import Console
from desktop.terminal.console_services import ConsoleServices
from desktop.terminal.interrupt import end_on_signals

INTERRUPTED = 130
_log = logger("terminal")

Assemble = Callable[[], services.Services]
"""Function that creates the services. Raises ParagoneError."""


def run(arguments: argparse.Namespace, assemble: Assemble) -> int:
    """Execute a command line and return its exit status.

    The status is 0 for success, 1 for a failure, 2 for invalid usage, and 130 after an interrupt.
    """
    console = Console(sys.stdout, sys.stderr, environ=dict(os.environ))
    status = _guarded(arguments, assemble, console)
    try:
        console.out.flush()
    except OSError:
        return _output_lost(console, status)
    return status


def _guarded(arguments: argparse.Namespace, assemble: Assemble, console: Console) -> int:
    if callable(reconfigure := getattr(sys.stdin, "reconfigure", None)):
        reconfigure(encoding="utf-8", errors="replace")
    try:
        return asyncio.run(_run(arguments, console, assemble))
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.note("Interrupted.")
        return INTERRUPTED
    except UsageError as error:
        console.problem(error)
        return 2
    except ParagoneError as error:
        console.problem(error)
        return 1
    except OSError as error:
        if not isinstance(error, BrokenPipeError):
            _log.exception("output or files failed")
            console.error(
                f"Writing failed: {error.strerror or error}.", "Free some disk space, or choose another location."
            )
        return _output_lost(console, 1)
    except Exception:  # noqa: BLE001 - the outermost door: a bug is logged and shown as one
        _log.exception("a bug")
        console.error("This is a bug in Paragone. Saved data is safe.", "The log file has the details.")
        return 1


def _output_lost(console: Console, status: int) -> int:
    """Discard further output if its reader has exited or the disk is full, even while the program exits."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), console.out.fileno())
    return status or 1


async def _run(arguments: argparse.Namespace, console: Console, assemble: Assemble) -> int:
    task = asyncio.current_task()
    assert task is not None
    end_on_signals(task)
    console_services = ConsoleServices.over(assemble(), console)
    if arguments.command != "doctor":
        for notice in (*console_services.notices, *filter(None, [console_services.settings.policy.get(START_NOTICE)])):
            console.note(notice)
    try:
        for notice in await console_services.move_headers():
            if arguments.command != "doctor":
                console.note(notice)
        return await _command(console_services, arguments)
    finally:
        await console_services.aclose()


async def _command(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Import and run a command's module. Modules are imported only when needed."""
    match arguments.command:
        case "ask":
            from desktop.terminal import ask_command as command
        case "models":
            from desktop.terminal import models_command as command
        case "connections":
            from desktop.terminal import connections_command as command
        case "tools":
            from desktop.terminal import tools_command as command
        case "conversations":
            from desktop.terminal import conversations_command as command
        case "votes":
            from desktop.terminal import votes_command as command
        case "ranking":
            from desktop.terminal import ranking_command as command
        case "run" | "runs" | "suites" | "successor":
            return await _suite_command(services, arguments)
        case "storage" | "policies" | "updates" | "doctor":
            return await _computer_command(services, arguments)
        case _:
            from desktop.terminal import chat_command as command

            if arguments.command is None:
                arguments.model, arguments.system, arguments.param = None, None, []
                arguments.allow_flagged, arguments.web_search = False, False
                arguments.tools, arguments.allow, arguments.schema = "", [], None
    return await command.run(services, arguments)


async def _computer_command(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Import and run the module of a command about this computer."""
    match arguments.command:
        case "storage":
            from desktop.terminal import storage_command as command
        case "policies":
            from desktop.terminal import policies_command as command
        case "updates":
            from desktop.terminal import updates_command as command
        case _:
            from desktop.terminal import doctor_command as command
    return await command.run(services, arguments)


async def _suite_command(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Import and run the module of a command that works on suites or runs."""
    match arguments.command:
        case "run":
            from desktop.terminal import run_command as command
        case "runs":
            from desktop.terminal import runs_command as command
        case "successor":
            from desktop.terminal import successor_command as command
        case _:
            from desktop.terminal import suites_command as command
    return await command.run(services, arguments)
