"""`policies`: lists the policies in effect, and shows what a policy file would change on this computer."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence

from desktop.diagnosis.machine import value_text
from desktop.settings.managed.policy_trial import PolicyChange, PolicyTrial, try_file
from desktop.settings.policy import Fixed
from desktop.system.paths import resources
from desktop.terminal.console_services import ConsoleServices

_HEAD = ("Policy", "Value", "Enforcement", "Source")


async def run(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Print policies. Returns 1 if a value of the file to try would be ignored.

    Raises:
        SettingsError: If the file cannot be read or is not a JSON object.
    """
    console, settings = services.console, services.settings
    if arguments.file is None:
        found = settings.policy.get_all()
        if arguments.json:
            console.json({"policies": [_described(each) for each in found], "notices": list(settings.policy.notices)})
        elif found:
            rows = [(each.name, value_text(each.value), _enforcement(each), each.source) for each in found]
            console.table(_HEAD, rows)
        else:
            console.note("No policies are in effect on this computer.")
        return 0
    trial = await asyncio.to_thread(
        try_file, arguments.file, settings, resources() / "policies.toml", locked=not arguments.recommended
    )
    if arguments.json:
        console.json(_trial_json(trial))
    else:
        _print(services, trial)
    return 1 if trial.problems else 0


def _print(services: ConsoleServices, trial: PolicyTrial) -> None:
    console = services.console
    if trial.changes:
        console.table(("Policy", "Now", "With the file"), [_row(each) for each in trial.changes])
    else:
        console.line("The file changes no policy.")
    _section(services, "What you would notice:", trial.effects)
    _section(services, "Ignored:", trial.problems)
    console.note("Nothing was changed.")


def _section(services: ConsoleServices, title: str, sentences: Sequence[str]) -> None:
    if sentences:
        services.console.line()
        services.console.line(title)
        for sentence in sentences:
            services.console.line(f"  {sentence}")


def _row(change: PolicyChange) -> tuple[str, str, str]:
    return change.name, _cell(change.before), _cell(change.after)


def _cell(fixed: Fixed | None) -> str:
    return "not set" if fixed is None else f"{value_text(fixed.value)} ({_enforcement(fixed)})"


def _enforcement(fixed: Fixed) -> str:
    return "managed" if fixed.locked else "recommended"


def _described(fixed: Fixed) -> dict[str, object]:
    return {
        "name": fixed.name,
        "value": fixed.value,
        "enforcement": _enforcement(fixed),
        "source": fixed.source,
    }


def _trial_json(trial: PolicyTrial) -> dict[str, object]:
    return {
        "changes": [
            {
                "name": each.name,
                "before": _described(each.before) if each.before is not None else None,
                "after": _described(each.after) if each.after is not None else None,
            }
            for each in trial.changes
        ],
        "effects": list(trial.effects),
        "problems": list(trial.problems),
    }
