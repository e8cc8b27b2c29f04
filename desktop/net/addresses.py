"""Correction of pasted addresses: scheme, host, Azure's paths, and hosts that serve no model. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from desktop.domain.conversation_types import Kind, Wire
from desktop.errors import AddressInvalid
from desktop.net.origin import host_of, is_loopback, origin_of, server_of, split
from desktop.redaction.key_patterns import is_key
from desktop.text.phrases import phrase

DEFAULT_INFERENCE_VERSION = "2024-05-01-preview"
DEFAULT_DEPLOYMENT_VERSION = "2024-10-21"

_CHAT = "/chat/completions"
_V1 = "/openai/v1"
_ANTHROPIC = "/anthropic"
_ROUTES = {Kind.ANTHROPIC: ("/v1/messages", "/v1/models", "/v1")}
"""Routes that are removed from the end of an address, because requests append them."""

_LIST = "/v1/models"

_PORTALS = ("ai.azure.com", "portal.azure.com", "oai.azure.com", "ml.azure.com")
"""Hosts of websites for people, which serve no model."""

_PROJECT = re.compile(r"/api/projects/[^/]+", re.IGNORECASE)
_V1_HOSTS = (".services.ai.azure.com", ".openai.azure.com", ".cognitiveservices.azure.com")
_DEPLOYMENT = re.compile(r"(?P<before>.*/openai/deployments)/(?P<name>[^/]+)", re.IGNORECASE)
_PATH_SAFE = "/%:@!$&'()*+,;=~-._"


class Profile(StrEnum):
    """Route scheme of an address: one of three for Azure; always V1 for openai-v1, and MESSAGES for anthropic."""

    V1 = "v1"  # /openai/v1, the model named in the request
    INFERENCE = "model-inference"  # /models, or a serverless endpoint's root; with an api-version
    DEPLOYMENTS = "deployments"  # /openai/deployments/NAME, the model named in the path; with an api-version
    MESSAGES = "messages"  # everything below /v1, the model named in the request


class Address(NamedTuple):
    """A corrected address.

    Attributes:
        url: The address to save and show; correcting it again changes nothing.
        profile: The route scheme of its server.
        api_version: The version in the address, otherwise the profile's default, otherwise empty.
        repairs: Sentences that describe the corrections.
    """

    url: str
    profile: Profile
    api_version: str
    repairs: tuple[str, ...]

    @property
    def origin(self) -> str:
        """Scheme, host and port; see desktop.net.origin."""
        return origin_of(self.url)

    @property
    def host(self) -> str:
        """Host and port as entered, for messages."""
        return server_of(self.url)

    @property
    def loopback(self) -> bool:
        """Whether the host is this machine."""
        return is_loopback(host_of(self.url))

    @property
    def retirable(self) -> bool:
        """Whether this address uses the model inference route, which Azure has retired."""
        return self.profile is Profile.INFERENCE and urlsplit(self.url).path.lower().endswith("/models")

    def chat(self, model: str) -> str:
        """Return the URL of Chat Completions for a model."""
        parts = urlsplit(self.url)
        path = parts.path
        if self.profile is Profile.DEPLOYMENTS:
            found = _DEPLOYMENT.fullmatch(path)
            before = found["before"] if found else f"{path}{_V1}"
            path = f"{before}/{quote(model, safe='')}"
        return self._with_query(f"{self.origin}{path}{_CHAT}")

    def answers(self, wire: Wire, model: str) -> str:
        """Return the URL for requests to a model in an API format."""
        if self.profile is Profile.MESSAGES:
            return self.sibling("v1/messages")
        beside = self.profile is Profile.V1
        if wire is Wire.RESPONSES:
            return self.sibling("responses") if beside else self.at_origin(f"{_V1}/responses")
        if wire is Wire.MESSAGES:
            of_azure = not beside or urlsplit(self.url).path.lower().endswith(_V1)
            return self.at_origin(f"{_ANTHROPIC}/v1/messages") if of_azure else self.sibling("messages")
        return self.chat(model)

    def at_origin(self, path: str, version: str = "") -> str:
        """Return another route of the same server, with the address's query (key, tenant) but without its version."""
        query = dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))
        query.pop("api-version", None)
        if version:
            query["api-version"] = version
        return f"{self.origin}{path}?{urlencode(query)}" if query else f"{self.origin}{path}"

    def sibling(self, name: str, **query: str) -> str:
        """Return the URL of a route next to the chat route, such as `models` or `info`."""
        return self._with_query(f"{self.origin}{urlsplit(self.url).path}/{name}", query)

    @property
    def deployment(self) -> str:
        """Deployment in the path, or an empty string."""
        found = _DEPLOYMENT.fullmatch(urlsplit(self.url).path)
        return unquote(found["name"]) if found and self.profile is Profile.DEPLOYMENTS else ""

    def _with_query(self, url: str, more: Mapping[str, str] | None = None) -> str:
        query = dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True)) | dict(more or {})
        if self.api_version:
            query["api-version"] = self.api_version
        return f"{url}?{urlencode(query)}" if query else url


def repair(kind: Kind, text: str) -> Address:
    """Correct an address. Correcting the `url` of the result changes nothing.

    Raises:
        AddressInvalid: If the text is not the address of a server.
        AddressInsecure: If it uses `http` for another machine.
    """
    _require_no_key(text)
    parts = split(text)
    repairs = list(parts.repairs)
    if parts.host in _PORTALS:
        raise AddressInvalid(phrase("{host} is the portal website, not an endpoint.", host=parts.host))
    if parts.fragment:
        repairs.append("What follows # was cut off.")
    path = _path(kind, parts.path, repairs)
    path, profile = _profile(kind, parts.host, path, repairs)
    query, api_version = _query(kind, parts.query, profile, path, repairs)
    url = f"{parts.written}{path}{f'?{query}' if query else ''}"
    if url != text and not repairs:
        repairs.append(f"It was written as {url}.")
    return Address(url, profile, api_version, tuple(repairs))


def _require_no_key(text: str) -> None:
    """Reject a key that was pasted instead of an address, because a DNS lookup would send it unencrypted.

    Raises AddressInvalid, whose message does not quote the key.
    """
    written = text.strip()
    host = re.split("[/?#]", written.partition("://")[2] or written, maxsplit=1)[0]
    if is_key(host) or is_key(host.lower()):  # a saved address is in lower case
        raise AddressInvalid(
            phrase("The address looks like a key."),
            hint=phrase("Enter the key in the key field, or pass it with --key-stdin."),
        )


def _path(kind: Kind, path: str, repairs: list[str]) -> str:
    quoted = quote(path, safe=_PATH_SAFE)
    routes = _ROUTES.get(kind, (_CHAT,))
    while True:
        before = quoted
        if quoted.endswith("/"):
            quoted = quoted.rstrip("/")
            repairs.append("The slash at the end was cut off.")
        route = next((each for each in routes if quoted.lower().endswith(each)), "")
        if kind is Kind.OPENAI_V1 and quoted.lower().endswith(_LIST):
            route = "/models"  # copied from examples; with other kinds it may be a real path
        if route:
            quoted = quoted[: -len(route)]
            repairs.append(f"{route} at the end was cut off.")
        if quoted == before:
            return quoted


def _profile(kind: Kind, host: str, path: str, repairs: list[str]) -> tuple[str, Profile]:
    if host.endswith(_V1_HOSTS) and _PROJECT.fullmatch(path):
        repairs.append("The project's path was taken out: its models answer at the resource.")
        path = ""
    if kind is Kind.ANTHROPIC:
        if host.endswith(_V1_HOSTS) and path.lower() in {"", "/openai"}:
            repairs.append(f"{_ANTHROPIC} was added: there Azure serves Claude.")
            path = _ANTHROPIC
        return path, Profile.MESSAGES
    if not path and host.endswith(_V1_HOSTS):
        repairs.append(f"{_V1} was added: this is the path of Azure's v1 route.")
        return _V1, Profile.V1
    if kind is not Kind.AZURE_INFERENCE:
        return path, Profile.V1
    if _DEPLOYMENT.fullmatch(path):
        return path, Profile.DEPLOYMENTS
    lower = path.lower()
    if lower.endswith("/v1"):
        return path, Profile.V1
    return path, Profile.INFERENCE


def _query(kind: Kind, query: str, profile: Profile, path: str, repairs: list[str]) -> tuple[str, str]:
    """Return the query to save and the API version to send."""
    parameters = dict(parse_qsl(query, keep_blank_values=True))
    version = next((value for name, value in parameters.items() if name.lower() == "api-version"), "")
    parameters = {name: value for name, value in parameters.items() if name.lower() != "api-version"}
    if version[:1].isdigit() and path.lower().endswith(_V1):
        repairs.append(f"api-version={version} was cut off: the v1 route takes no dated one.")
        version = ""
    if version:
        parameters["api-version"] = version
    if not version and kind is Kind.AZURE_INFERENCE:
        defaults: dict[Profile, str] = {
            Profile.INFERENCE: DEFAULT_INFERENCE_VERSION,
            Profile.DEPLOYMENTS: DEFAULT_DEPLOYMENT_VERSION,
        }
        version = defaults.get(profile, "")
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in parameters.items()), version


def _quoted(text: str) -> str:
    return quote(text, safe="/:")
