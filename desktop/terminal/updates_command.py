"""`updates`: checks whether there is a newer version. Nothing is downloaded or installed."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from desktop.system.paths import resources
from desktop.terminal.console_services import ConsoleServices
from desktop.terminal.tool_lines import visible


async def run(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Print the newest version. Returns 0 whether or not it is newer.

    Raises:
        PolicyForbids: If policy does not allow the check.
        UsageError: If this build does not know where updates are announced.
        UpdateCheckFailed: If the file is missing, not signed, outdated or invalid; also ProviderError.
    """
    from desktop.diagnosis.update_check import is_newer, newest_release, source_of

    source = source_of(services.settings.policy, resources() / "updates.toml")
    release = await newest_release(source, services.gateway.options, datetime.now(UTC).date())
    newer = is_newer(release, services.version)
    if arguments.json:
        services.console.json(
            {
                "version": services.version,
                "newest": release.version,
                "is_newer": newer,
                "published": release.published.isoformat(),
                "notes": release.notes,
            }
        )
        return 0
    if not newer:
        services.console.line(f"Paragone {services.version} is the newest version.")
        return 0
    services.console.line(
        f"Paragone {release.version} is available, published on {release.published}. You have {services.version}."
    )
    if release.notes:
        services.console.line(f"What is new: {visible(release.notes)}")
    services.console.note("Upgrade Paragone the way you installed it.")
    return 0
