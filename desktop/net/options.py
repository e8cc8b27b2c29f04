"""Credentials and network options of a connection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from desktop.catalog.learnt_models import LearntInput, LearntWires
from desktop.domain.conversation_types import Value


class Secret(Value, frozen=True):
    """A key that prints as [secure]."""

    value: str

    def __str__(self) -> str:
        return "[secure]"

    def __repr__(self) -> str:
        return "[secure]"


TokenSource = Callable[[], Awaitable[Secret]]
"""Function that returns a fresh bearer token (Entra ID); may raise AuthenticationFailed."""

Credential = Secret | TokenSource | None

SystemProxy = Callable[[str], Awaitable[str]]
"""Function that returns the URL of the system's proxy for an address, or an empty string for no proxy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkOptions:
    """Timeouts, limits, trusted certificates and proxies of connections. Times are in seconds.

    Attributes:
        proxy: "" for the system's proxy, "none" for no proxy, otherwise a URL. Loopback addresses never use a proxy.
        system_proxy: Returns the system's proxy. Without it, the environment variables are used and, on Windows and
            macOS, the fixed proxies in the system settings.
        wires: API formats learned per model, shared by all providers.
        sight: Whether models accept images, learned from servers.
        files: Whether models accept files, learned from servers.
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
