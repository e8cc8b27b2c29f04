"""Tools that models may call: servers, their tools, what a conversation offers, and what a call returned."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

import msgspec

from desktop.domain.conversation_types import JsonValue, Value

BUILT_IN = "paragone"
"""Name of the server whose tools are part of Paragone. No other server may have it."""

LONGEST_SERVER_NAME = 40


class ToolAuth(StrEnum):
    """Authentication method of a server that is reached by its address."""

    NONE = "none"
    KEY = "key"  # sent as a bearer token; in the keyring
    OAUTH = "oauth"


class ToolServer(Value, frozen=True, kw_only=True):
    """A server of tools as stored in the settings: a command to run or an address; never contains a secret.

    Attributes:
        command: Program and arguments. They are never passed to a shell.
        env: Environment variables without secrets.
        secret_env: Names of further environment variables, whose values are in the keyring.
        headers: HTTP headers without secrets.
        secret_headers: Names of further HTTP headers, whose values are in the keyring.
        folder: Working directory; empty for the user's home.
        timeout_s: Maximum seconds of a call; None for the value in the settings.
    """

    name: str
    command: tuple[str, ...] = ()
    url: str = ""
    auth: ToolAuth = ToolAuth.NONE
    env: Mapping[str, str] = {}
    secret_env: tuple[str, ...] = ()
    headers: Mapping[str, str] = {}
    secret_headers: tuple[str, ...] = ()
    folder: str = ""
    timeout_s: Annotated[float, msgspec.Meta(ge=1, le=3600)] | None = None


class ToolInfo(Value, frozen=True, kw_only=True):
    """A tool as its server describes it. All texts are untrusted; the four hints are only the server's claims.

    Attributes:
        tool: The server's own name of the tool.
        schema: JSON Schema of the arguments.
        read_only: Whether the server says that the tool changes nothing; None if it says nothing.
        destructive: Whether the server says that the tool may delete or overwrite.
        open_world: Whether the server says that the tool reaches the web, mail or files of others.
    """

    server: str
    tool: str
    title: str = ""
    description: str = ""
    schema: Mapping[str, JsonValue] = {}
    read_only: bool | None = None
    destructive: bool | None = None
    idempotent: bool | None = None
    open_world: bool | None = None


class ToolSpec(Value, frozen=True, kw_only=True):
    """A tool as offered to a model: the name that the API allows, the description and the schema."""

    name: str
    description: str = ""
    schema: Mapping[str, JsonValue] = {}


class ToolImage(Value, frozen=True, kw_only=True):
    """Image that a tool returned, in base64; not decoded yet."""

    media_type: str
    data: str


class ToolOutput(Value, frozen=True, kw_only=True):
    """What a tool returned.

    Attributes:
        text: Text for the model, at most as long as the settings allow.
        structured: JSON that the tool returned beside its text; empty if there is none.
        cut: Whether the text was truncated.
    """

    text: str
    is_error: bool = False
    structured: str = ""
    images: tuple[ToolImage, ...] = ()
    cut: bool = False
