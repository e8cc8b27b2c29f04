"""What a connection is made with: its credential, proxy and other network options."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from desktop.catalog.learnt_models import LearntInput, LearntWires
from desktop.domain.conversation_types import Value


class Secret(Value, frozen=True):
    """A key that shows itself as [secure] wherever it is printed."""

    value: str

    def __str__(self) -> str:
        return "[secure]"

    def __repr__(self) -> str:
        return "[secure]"


TokenSource = Callable[[], Awaitable[Secret]]
"""Gives a fresh bearer token at each call (Entra ID); may raise AuthenticationFailed."""

Credential = Secret | TokenSource | None

SystemProxy = Callable[[str], Awaitable[str]]
"""Says by which proxy the system reaches an address: its URL, empty for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkOptions:
    """How to reach servers. Seconds and bytes.

    `proxy` is "" for the system's, "none" for none, else a URL. Loopback is never proxied. Without `system_proxy` the
    system's are those of the environment and, on Windows and macOS, the fixed ones of its settings. `wires`,
    `sight` and `files` are what was learnt of models, for all providers that share them.
    """

    connect_timeout_s: float = 10.0
    first_token_timeout_s: float = 300.0
    idle_timeout_s: float = 60.0
    ca_file: str = ""
    proxy: str = ""
    system_proxy: SystemProxy | None = field(default=None, compare=False, repr=False)
    wires: LearntWires = field(default_factory=LearntWires, compare=False, repr=False)
    sight: LearntInput = field(default_factory=LearntInput, compare=False, repr=False)
    files: LearntInput = field(default_factory=LearntInput, compare=False, repr=False)
    max_event_bytes: int = 1 << 20
    max_answer_bytes: int = 64 << 20
    max_retries: int = 2
