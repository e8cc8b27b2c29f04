"""Messages between Paragone and the tool host: JSON lines, bounded before they are parsed."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

import msgspec

from desktop.domain.tool_types import ToolInfo, ToolOutput

MOST_REQUEST = 4 << 20
"""Maximum bytes of a line to the host; nearly all of it can be the arguments of one call."""

MOST_MESSAGE = 16 << 20
"""Maximum bytes of one message of a server. An image of 10 MB fits with its base64."""

MOST_REPLY = 32 << 20
"""Maximum bytes of a line from the host: a message of a server, escaped once more."""

MOST_TEXT = 1 << 20
"""Default for the maximum bytes of a result's text."""

MOST_TOOLS = 200
MOST_NAME, MOST_DESCRIPTION = 128, 4_000
"""Maximum characters of a tool's name and description."""

MOST_SCHEMA, DEEPEST_SCHEMA = 64 << 10, 64
"""Maximum bytes and levels of a JSON schema."""

MOST_IMAGES, MOST_IMAGE = 4, 10 << 20
"""Maximum number of images in a result, and bytes of each one."""

MOST_QUOTE = 300
"""Maximum characters of a server's own words in an error."""

SIGN_IN_S = 300.0
"""Seconds that the user has to sign in."""

GRACE_S, KILL_S, END_S = 0.3, 2.0, 5.0
"""Seconds from closing a server's stdin to SIGTERM, from there to SIGKILL, and for the end of the whole host."""

_SHORTEST_SECRET = 8
"""Minimum characters of an environment variable that is redacted. Shorter ones are numbers, words and switches."""


class OAuthSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Sign-in at a server over HTTP by OAuth 2.1 with PKCE. Its repr shows no secret.

    Attributes:
        redirect_uri: Loopback address to which the browser returns; its listener is Paragone's. Empty if the user has
            not asked to sign in: a server that needs a sign-in then fails.
        saved: Credentials as `Credentials` brought them, from the keyring; empty before the first sign-in.
        client_id: Client that the user registered at the authorization server; empty for dynamic registration.
        scope: Scopes to ask for, separated by spaces; empty for what the server suggests.
    """

    redirect_uri: str = ""
    saved: str = ""
    client_id: str = ""
    client_secret: str = ""
    scope: str = ""

    def __repr__(self) -> str:
        return f"OAuthSpec({self.redirect_uri!r})"


class ServerSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A tool server with its secrets: a command to run, or an address. Its repr shows no secret.

    Attributes:
        command: Program and arguments; never passed to a shell.
        env: Environment variables in addition to the short list that every server gets.
        folder: Working directory; empty for the user's home.
        headers: HTTP headers, including the one that authenticates.
        start_s: Maximum seconds until the server has listed its tools.
        proxy: URL of the proxy; empty for a direct connection.
        ca_file: PEM file with further trusted certificates, or empty.
        oauth: How to sign in at an address; None if the headers authenticate.
    """

    name: str
    command: tuple[str, ...] = ()
    env: Mapping[str, str] = {}
    folder: str = ""
    url: str = ""
    headers: Mapping[str, str] = {}
    start_s: float = 30.0
    proxy: str = ""
    ca_file: str = ""
    oauth: OAuthSpec | None = None

    def __repr__(self) -> str:
        where = self.command[:1] or self.url.partition("?")[0].rpartition("@")[2]
        return f"ServerSpec(name={self.name!r}, {where!r})"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Values that must not appear in errors and logs: those of headers and of longer environment variables."""
        of_headers = [word for value in self.headers.values() for word in (value, value.rpartition(" ")[2])]
        of_env = [value for value in self.env.values() if len(value) >= _SHORTEST_SECRET]
        of_client = (self.oauth.client_secret,) if self.oauth is not None and self.oauth.client_secret else ()
        return (*of_headers, *of_env, *of_client)

    def is_same(self, other: ServerSpec) -> bool:
        """Whether two specifications differ at most in the sign-in, which changes while a server is open."""

        def without(spec: ServerSpec) -> ServerSpec:
            oauth = spec.oauth and msgspec.structs.replace(spec.oauth, saved="", redirect_uri="")
            return msgspec.structs.replace(spec, oauth=oauth)

        return without(self) == without(other)


class _Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    pass


class Hello(_Message, frozen=True, kw_only=True, tag="hello"):
    """First message to the host: the folder of the servers' logs, the environment, and whether a user can answer."""

    logs: str
    environ: Mapping[str, str]
    elicits: bool


class Open(_Message, frozen=True, kw_only=True, tag="open"):
    """Start a server or connect to it, unless it is open with an equal specification, and list its tools."""

    id: int
    server: ServerSpec


class CallTool(_Message, frozen=True, kw_only=True, tag="call"):
    """Call a tool. `arguments` is a JSON object as text; `most_bytes` is the maximum of the result's text."""

    id: int
    server: str
    tool: str
    arguments: str
    timeout_s: float
    most_bytes: int


class CheckArguments(_Message, frozen=True, kw_only=True, tag="check"):
    """Check arguments against a tool's schema; both are JSON texts, and both are untrusted."""

    id: int
    schema: str
    arguments: str


class Cancel(_Message, frozen=True, kw_only=True, tag="cancel"):
    """Cancel the call or the opening with this number. There is no reply to either of them afterwards."""

    id: int


class Close(_Message, frozen=True, kw_only=True, tag="close"):
    """End a server and wait until its processes have exited."""

    id: int
    server: str


class ElicitAction(StrEnum):
    """Answers to an elicitation."""

    ACCEPT = "accept"
    DECLINE = "decline"
    CANCEL = "cancel"  # dismissed without a choice


class ElicitationAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The user's answer to a server's question. `content` is a JSON object as text; empty for a URL."""

    action: ElicitAction
    content: str = ""


class Elicited(_Message, frozen=True, kw_only=True, tag="elicited"):
    """The answer to the elicitation with this number."""

    id: int
    answer: ElicitationAnswer


class SignedIn(_Message, frozen=True, kw_only=True, tag="signed_in"):
    """Parameters with which the browser returned from the sign-in with this number; no code if it was canceled."""

    id: int
    code: str = ""
    state: str = ""
    iss: str = ""


Request = Hello | Open | CallTool | CheckArguments | Cancel | Close | Elicited | SignedIn


class Failure(StrEnum):
    """Reasons for which the host could not do what a request asked for."""

    START = "start"  # the program cannot be run
    UNREACHABLE = "unreachable"  # the address cannot be reached
    ENDED = "ended"  # the server exited or closed the connection
    PROTOCOL = "protocol"  # the server sent something that the protocol does not allow
    REJECTED = "rejected"  # the server answered with an error
    REDIRECTED = "redirected"  # the address leads to another one, which is not followed
    TOO_LARGE = "too_large"  # a message is longer than the limit
    TIMED_OUT = "timed_out"
    NOT_OPEN = "not_open"
    ARGUMENTS = "arguments"  # not a JSON object
    SIGN_IN = "sign_in"  # the user must sign in, or the sign-in failed
    ADDRESS = "address"  # http: to another machine


class Tools(_Message, frozen=True, kw_only=True, tag="tools"):
    """Reply to `Open`."""

    id: int
    tools: tuple[ToolInfo, ...]


class ArgumentsChecked(_Message, frozen=True, kw_only=True, tag="checked"):
    """Reply to `CheckArguments`: why the arguments do not match; empty if they do."""

    id: int
    problem: str


class Output(_Message, frozen=True, kw_only=True, tag="output"):
    """Reply to `CallTool`."""

    id: int
    output: ToolOutput


class Closed(_Message, frozen=True, kw_only=True, tag="closed"):
    """Reply to `Close`."""

    id: int


class RequestFailed(_Message, frozen=True, kw_only=True, tag="failed"):
    """Reply to any request. `quote` is the server's or the system's own reason, bounded and redacted."""

    id: int
    failure: Failure
    quote: str = ""


class Changed(_Message, frozen=True, kw_only=True, tag="changed"):
    """A server's list of tools is another one than before, or the server has ended."""

    server: str


class Running(_Message, frozen=True, kw_only=True, tag="running"):
    """Process group of a server that started or has ended, so that it can be ended if the host dies first."""

    group: int
    is_running: bool


class Elicitation(_Message, frozen=True, kw_only=True, tag="elicitation"):
    """A server's question to the user. All texts are untrusted.

    Attributes:
        schema: JSON schema of the form's fields as text; empty for a URL.
        url: Address that the server wants the user to open; empty for a form.
        timeout_s: Seconds after which the question is declined.
    """

    id: int
    server: str
    message: str
    schema: str = ""
    url: str = ""
    timeout_s: float


class SignIn(_Message, frozen=True, kw_only=True, tag="sign_in"):
    """A server's sign-in page for the browser: https or on this computer. Answered by `SignedIn`."""

    id: int
    server: str
    url: str
    redirect_uri: str
    timeout_s: float


class Credentials(_Message, frozen=True, kw_only=True, tag="credentials"):
    """New credentials of a server for the keyring, as text that only `OAuthSpec.saved` reads."""

    server: str
    saved: str


class Withdrawn(_Message, frozen=True, kw_only=True, tag="withdrawn"):
    """Nobody waits for the answer to this elicitation or sign-in anymore."""

    id: int


Reply = (
    Tools
    | Output
    | ArgumentsChecked
    | Closed
    | RequestFailed
    | Changed
    | Running
    | Elicitation
    | SignIn
    | Credentials
    | Withdrawn
)

_T = TypeVar("_T")
_requests = msgspec.json.Decoder(Request)
_replies = msgspec.json.Decoder(Reply)


def encode(message: Request | Reply) -> bytes:
    """Return a message as a line."""
    return msgspec.json.encode(message) + b"\n"


def parse_request(line: bytes) -> Request:
    """Decode a line from Paragone. Raises ValueError, also if it is too long or too deeply nested."""
    return _parse(_requests, line, MOST_REQUEST)


def parse_reply(line: bytes) -> Reply:
    """Decode a line from the host. Raises ValueError, also if it is too long or too deeply nested."""
    return _parse(_replies, line, MOST_REPLY)


def _parse(decoder: msgspec.json.Decoder[_T], line: bytes, most: int) -> _T:
    if len(line) > most:
        raise ValueError("too long")
    try:
        return decoder.decode(line)
    except RecursionError:
        raise ValueError("too deeply nested") from None
