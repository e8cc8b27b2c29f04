"""`doctor`: checks this computer, the configuration and each connection, with a hint for each failure."""

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
    """Print the report. Returns 1 if a check failed; a missing keyring or display is only a warning.

    Raises:
        TransferError: If the report cannot be written.
    """
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
