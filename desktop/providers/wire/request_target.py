"""Who was asked what, as the sentences about a refusal name it; pure."""

from __future__ import annotations

from msgspec import Struct

from desktop.providers.wire.error_bodies import plain
from desktop.redaction.redactor import hide_head

_V1_HOSTS = (".services.ai.azure.com", ".openai.azure.com", ".cognitiveservices.azure.com")


class RequestTarget(Struct, frozen=True, kw_only=True):
    """Who was asked what, for the sentences: `host` as the user knows it, the model, keys that must never be shown.

    `retirable` marks the model inference route, on which a plain 404 means that it was retired. `by_token` says that
    somebody signed in with Entra ID, where others send a key; `without_key` that nothing is sent. `by_deployment` marks
    Azure, where models are asked for by the names of their deployments.
    """

    host: str
    model: str = ""
    secrets: tuple[str, ...] = ()
    retirable: bool = False
    by_token: bool = False
    without_key: bool = False
    by_deployment: bool = False

    @property
    def has_v1_address(self) -> bool:
        """Whether the host is one of Azure's, which answer at a v1 address."""
        return self.host.endswith(_V1_HOSTS)

    def shown(self, text: str) -> str:
        """A server's text made fit for a sentence: one line, bounded, keys masked."""
        return plain(hide_head(text, self.secrets))
