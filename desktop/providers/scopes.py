"""Scope of an Entra ID token for an address. Pure functions."""

from __future__ import annotations

from desktop.net.addresses import Address, Profile
from desktop.net.origin import host_of

V1_SCOPE = "https://ai.azure.com/.default"
SERVICES_SCOPE = "https://cognitiveservices.azure.com/.default"
OLD_SCOPE = "https://ml.azure.com/.default"

_NATIONAL = {
    ".azure.us": "https://cognitiveservices.azure.us/.default",
    ".azure.cn": "https://cognitiveservices.azure.cn/.default",
}
_OWN = tuple(
    f".{service}.azure.{land}"
    for land in ("com", "us", "cn")
    for service in ("openai", "services.ai", "cognitiveservices", "inference.ai", "models.ai")
)
"""Host suffixes of servers that Microsoft runs. Other hosts only get a token if the user signed in for them, even those
in azure.com, where customers can name their own machines and containers (cloudapp, inference.ml)."""


def scope_of(address: Address) -> str:
    """Return the scope of an address: that of v1, of Azure resources, or of older endpoints."""
    host = _host(address)
    national = next((scope for end, scope in _NATIONAL.items() if host.endswith(end)), "")
    if national:
        return national
    if address.profile is Profile.V1:
        return V1_SCOPE
    if address.profile is Profile.INFERENCE and not address.retirable:
        return OLD_SCOPE
    return SERVICES_SCOPE


def is_azure(address: Address) -> bool:
    """Whether an address belongs to a model server that Microsoft runs."""
    return _host(address).endswith(_OWN)


def _host(address: Address) -> str:
    return host_of(address.url).rstrip(".")
