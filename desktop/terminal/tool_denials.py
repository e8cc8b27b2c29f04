"""Sentences about calls that `ask` denied, with the option or command that would allow them."""

from __future__ import annotations

from desktop.domain.events import ToolAnswered
from desktop.domain.message_parts import ToolStatus
from desktop.terminal.console_services import ConsoleServices
from desktop.terminal.tool_lines import call_name, one_line


class Denials:
    """Prints once per tool why its calls are denied, to standard error."""

    def __init__(self, services: ConsoleServices) -> None:
        self._console = services.console
        self._allowed = services.tools.allowed_now
        self._told: set[tuple[str, str]] = set()

    def note(self, event: ToolAnswered) -> None:
        """Print why a call was denied, if it was."""
        if event.result.status is not ToolStatus.DENIED:
            return
        name, reason = one_line(call_name(event.call)), event.result.text
        if (name, reason) not in self._told:
            self._told.add((name, reason))
            self._console.note(self._sentence(name, event.call.server, reason))

    def _sentence(self, name: str, server: str, reason: str) -> str:
        from desktop.tools.desk_runner import DENIED, NOBODY
        from desktop.tools.tool_desk import EVERYTHING

        if reason == DENIED:
            return f"{name} was denied, as you decided earlier. To change that: paragone tools forget {name}"
        if reason != NOBODY:
            return f"{name} was denied: {one_line(reason)}"
        if self._allowed & {EVERYTHING, server, name}:
            return f"{name} was denied, because this call needs your approval. Use `paragone chat` to be asked."
        return f"{name} was denied, because it was not allowed. To allow it, add: --allow {name}"
