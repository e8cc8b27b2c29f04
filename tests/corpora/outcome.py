"""What trying a corpus came to."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Outcome:
    """Counts of one corpus, and what was wrong, a line each."""

    corpus: str
    tried: int = 0
    wrong: list[str] = field(default_factory=list[str])

    def take(self, name: str, *, right: bool, why: str = "") -> None:
        """One more was tried."""
        self.tried += 1
        if not right:
            self.wrong.append(f"{name}: {why}" if why else name)

    @property
    def line(self) -> str:
        """The counts as a row of the table in docs/assurance.md."""
        return f"| {self.corpus} | {self.tried:,} | {self.tried - len(self.wrong):,} | {len(self.wrong):,} |"
