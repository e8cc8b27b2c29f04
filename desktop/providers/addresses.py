"""Addresses as people paste them, put right: scheme, host, the paths of Azure, what must never be sent to; pure."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from desktop.domain import Kind
from desktop.errors import AddressInsecure, AddressInvalid
from desktop.phrases import phrase

DEFAULT_INFERENCE_VERSION = "2024-05-01-preview"
DEFAULT_DEPLOYMENT_VERSION = "2024-10-21"

_CHAT = "/chat/completions"
_V1 = "/openai/v1"
_PORTALS = ("ai.azure.com", "portal.azure.com", "oai.azure.com", "ml.azure.com")
"""Pages that people look at; none of them answers as a model."""

_PROJECT = re.compile(r"/api/projects/[^/]+", re.IGNORECASE)
_V1_HOSTS = (".services.ai.azure.com", ".openai.azure.com", ".cognitiveservices.azure.com")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_OTHER_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?!\d{1,5}(?:[/?#]|$))")
_DEPLOYMENT = re.compile(r"(?P<before>.*/openai/deployments)/(?P<name>[^/]+)", re.IGNORECASE)
_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?")
_PATH_SAFE = "/%:@!$&'()*+,;=~-._"


class Profile(StrEnum):
    """Which of its routes an address of Azure stands for; openai-v1 always is V1."""

    V1 = "v1"  # /openai/v1, the model named in the request
    INFERENCE = "model-inference"  # /models, or a serverless endpoint's root; with an api-version
    DEPLOYMENTS = "deployments"  # /openai/deployments/NAME, the model named in the path; with an api-version


class Address(NamedTuple):
    """An address put right. `url` is what to keep and show: putting it right again changes nothing.

    `api_version` is the one given, else the profile's own, else empty. `repairs` says what was changed.
    """

    url: str
    profile: Profile
    api_version: str
    repairs: tuple[str, ...]

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def host(self) -> str:
        """Host and, where one is given, port: for sentences."""
        return urlsplit(self.url).netloc

    @property
    def loopback(self) -> bool:
        """Whether it is this machine."""
        return is_loopback(urlsplit(self.url).hostname or "")

    @property
    def retirable(self) -> bool:
        """Whether it is the model inference route, which Azure has retired."""
        return self.profile is Profile.INFERENCE and urlsplit(self.url).path.lower().endswith("/models")

    def chat(self, model: str) -> str:
        """Where to ask `model` for an answer."""
        parts = urlsplit(self.url)
        path = parts.path
        if self.profile is Profile.DEPLOYMENTS:
            found = _DEPLOYMENT.fullmatch(path)
            before = found["before"] if found else f"{path}{_V1}"
            path = f"{before}/{quote(model, safe='')}"
        return self._with_query(f"{self.origin}{path}{_CHAT}")

    def sibling(self, name: str) -> str:
        """Something beside the chat route, such as `models` or `info`."""
        return self._with_query(f"{self.origin}{urlsplit(self.url).path}/{name}")

    @property
    def deployment(self) -> str:
        """The deployment that the path names, else empty."""
        found = _DEPLOYMENT.fullmatch(urlsplit(self.url).path)
        return unquote(found["name"]) if found and self.profile is Profile.DEPLOYMENTS else ""

    def _with_query(self, url: str) -> str:
        query = dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))
        if self.api_version:
            query["api-version"] = self.api_version
        return f"{url}?{urlencode(query)}" if query else url


def repair(kind: Kind, text: str) -> Address:
    """Put an address right. The url of the result, put right again, gives the same without repairs.

    Raises AddressInvalid for what is no address of a server, AddressInsecure for `http` to another machine.
    """
    repairs: list[str] = []
    stripped = text.strip()
    if stripped != text:
        repairs.append("Spaces around the address were removed.")
    _refuse_characters(stripped)
    scheme, rest = _scheme(stripped, repairs)
    authority, path, query, fragment = _split(rest)
    host, port = _authority(authority, repairs)
    if host in _PORTALS:
        raise AddressInvalid(phrase("{host} is the portal's own page, not an endpoint.", host=host))
    if not scheme:
        scheme = "http" if is_loopback(host) else "https"
        repairs.append(f"{scheme}:// was put in front.")
    if scheme == "http" and not is_loopback(host):
        raise AddressInsecure(phrase("http to {host} would send the key and the prompt in the clear.", host=host))
    if fragment:
        repairs.append("What follows # was cut off.")
    path = _path(path, repairs)
    path, profile = _profile(kind, host, path, repairs)
    query, api_version = _query(kind, query, profile, path, repairs)
    name = f"[{host}]" if ":" in host else host
    url = f"{scheme}://{name}{f':{port}' if port else ''}{path}{f'?{query}' if query else ''}"
    if url != text and not repairs:
        repairs.append(f"It was written as {url}.")
    return Address(url, profile, api_version, tuple(repairs))


def is_loopback(host: str) -> bool:
    """Whether a host is this machine beyond doubt: localhost, 127.0.0.0/8 written in full, or ::1."""
    host = host.strip("[]").lower()
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_loopback
    return address == ipaddress.IPv6Address("::1")


def _refuse_characters(text: str) -> None:
    if not text:
        raise AddressInvalid(phrase("The address is empty."))
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"} or character in '\\<>"^`{|}':
            raise AddressInvalid(phrase("The address holds a space or a character that no address can."))


def _scheme(text: str, repairs: list[str]) -> tuple[str, str]:
    found = _SCHEME.match(text)
    if found is None:
        if text.startswith("//"):
            return "", text[2:]
        if _OTHER_SCHEME.match(text):
            raise AddressInvalid(phrase("The address must begin with https://."))
        return "", text
    scheme = found.group(1).lower()
    if scheme not in {"http", "https"}:
        raise AddressInvalid(phrase("The address must begin with https://, not {scheme}://.", scheme=scheme))
    if scheme != found.group(1):
        repairs.append("The scheme was written in lower case.")
    return scheme, text[found.end() :]


def _split(rest: str) -> tuple[str, str, str, str]:
    rest, _, fragment = rest.partition("#")
    rest, _, query = rest.partition("?")
    authority, slash, path = rest.partition("/")
    return authority, slash + path, query, fragment


def _authority(text: str, repairs: list[str]) -> tuple[str, str]:
    if "@" in text:
        raise AddressInvalid(phrase("The address holds a user name; keys belong in the key's field."))
    found = re.fullmatch(r"(\[[^\]]*\]|[^:\[\]]*)(?::(\d*))?", text)
    if found is None or not found.group(1):
        raise AddressInvalid(phrase("The address names no host, or its port is not a number."))
    host = _host(found.group(1))
    if host != found.group(1).strip("[]"):
        repairs.append(f"The host was written as {host}.")
    port = found.group(2) or ""
    if port and not (len(port) <= 5 and 0 < int(port) < 65536):
        raise AddressInvalid(phrase("{port} is not a port.", port=port))
    if port != port.lstrip("0"):
        port = port.lstrip("0")
        repairs.append(f"The port was written as {port}.")
    return host, port


def _host(text: str) -> str:
    if text.startswith("["):
        try:
            return str(ipaddress.IPv6Address(text[1:-1]))
        except ValueError:
            raise AddressInvalid(phrase("{text} is not an address of a machine.", text=text)) from None
    if "%" in text:
        raise AddressInvalid(phrase("{text} is not the name of a host.", text=text))
    if not text.isascii():
        import idna  # comes with aiohttp

        try:
            text = idna.encode(text, uts46=True).decode("ascii")
        except UnicodeError:
            raise AddressInvalid(phrase("{text} is not the name of a host.", text=text)) from None
    host = text.lower()
    if not _NAME.fullmatch(host) or ".." in host or len(host) > 253 or any(len(part) > 63 for part in host.split(".")):
        raise AddressInvalid(phrase("{text} is not the name of a host.", text=text))
    return host


def _path(path: str, repairs: list[str]) -> str:
    quoted = quote(path, safe=_PATH_SAFE)
    while True:
        before = quoted
        if quoted.endswith("/"):
            quoted = quoted.rstrip("/")
            repairs.append("The slash at the end was cut off.")
        if quoted.lower().endswith(_CHAT):
            quoted = quoted[: -len(_CHAT)]
            repairs.append(f"{_CHAT} at the end was cut off.")
        if quoted == before:
            return quoted


def _profile(kind: Kind, host: str, path: str, repairs: list[str]) -> tuple[str, Profile]:
    if host.endswith(_V1_HOSTS) and _PROJECT.fullmatch(path):
        repairs.append("The project's path was taken out: its models answer at the resource.")
        path = ""
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
    """The query to keep and the api-version to send."""
    given = dict(parse_qsl(query, keep_blank_values=True))
    version = next((value for name, value in given.items() if name.lower() == "api-version"), "")
    given = {name: value for name, value in given.items() if name.lower() != "api-version"}
    if version[:1].isdigit() and path.lower().endswith(_V1):
        repairs.append(f"api-version={version} was cut off: the v1 route takes no dated one.")
        version = ""
    if version:
        given["api-version"] = version
    if not version and kind is Kind.AZURE_INFERENCE:
        defaults: dict[Profile, str] = {
            Profile.INFERENCE: DEFAULT_INFERENCE_VERSION,
            Profile.DEPLOYMENTS: DEFAULT_DEPLOYMENT_VERSION,
        }
        version = defaults.get(profile, "")
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in given.items()), version


def _quoted(text: str) -> str:
    return quote(text, safe="/:")
