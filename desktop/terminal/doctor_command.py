"""`doctor`: what this machine has, what is configured, whether each connection answers; each failure with its cure."""

from __future__ import annotations

import argparse
import asyncio
from contextlib import aclosing
from pathlib import Path

from desktop.diagnosis import bundle
from desktop.diagnosis.check import Check
from desktop.diagnosis.diagnosis import run as diagnose
from desktop.terminal.console_services import ConsoleServices


async def run(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Report; 1 where something failed. A missing keyring or display is a warning. Raises TransferError."""
    checks: list[Check] = []
    async with aclosing(diagnose(services)) as found:
        async for check in found:
            checks.append(check)
            if not arguments.json:
                _print(services, check)
    if arguments.json:
        services.console.json(checks)
    if arguments.bundle:
        path = Path(arguments.bundle)
        await asyncio.to_thread(bundle.write, services, checks, path)
        services.console.note(f"Saved: {path}. Check its contents before you share it.")
    return 1 if any(check.state == "failed" for check in checks) else 0


def _print(services: ConsoleServices, check: Check) -> None:
    services.console.line(f"{check.state:<8} {check.name}: {check.detail}")
    if check.hint:
        services.console.line(f"{'':<8} {check.hint}")
