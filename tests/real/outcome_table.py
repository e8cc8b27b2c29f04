"""The table that a run fills: for each server and check how often it was tried, right and wrong, or why not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

HEAD = "| server | version | check | tried | right | wrong |\n| --- | --- | --- | --: | --: | --: |"


class NotTriedError(Exception):
    """A check, or a whole server, that cannot be tried here, with the reason."""


@dataclass
class Row:
    """One check of one server. Without a try it says why; that is never a pass."""

    server: str
    version: str
    check: str
    tried: int = 0
    wrong: list[str] = field(default_factory=list[str])
    reason: str = ""

    @property
    def line(self) -> str:
        """The row in Markdown."""
        head = f"| {self.server} | {self.version} | {self.check} |"
        if not self.tried:
            return f"{head} not tried: {self.reason} | | |"
        return f"{head} {self.tried} | {self.tried - len(self.wrong)} | {len(self.wrong)} |"


def filled(server: str, version: str, check: str, findings: Iterable[str]) -> Row:
    """Run a check: it yields an empty text for each try that was right, and else what was wrong."""
    row = Row(server, version, check)
    try:
        for finding in findings:
            row.tried += 1
            if finding:
                row.wrong.append(finding)
    except NotTriedError as error:
        row.reason = str(error)
    if not row.tried and not row.reason:
        row.reason = "the check came to no end"
    return row
