"""What a token of Entra ID must be made out for, by the address that it is sent to; pure."""

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
"""Ends of the hosts whose servers Microsoft runs. Any other gets a token only where somebody signed in for it, also one
below azure.com: machines and containers of any customer have names there (cloudapp, inference.ml)."""


def scope_of(address: Address) -> str:
    """The scope for an address: v1 has one of its own, resources of Azure share one, older endpoints another."""
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
    """Whether an address is a server of Azure's models, run by Microsoft."""
    return _host(address).endswith(_OWN)


def _host(address: Address) -> str:
    return host_of(address.url).rstrip(".")
