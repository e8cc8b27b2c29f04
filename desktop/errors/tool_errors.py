"""Errors of the servers whose tools models call, and of the process that runs them."""

from __future__ import annotations

from desktop.errors.base_errors import ParagoneError
from desktop.text.phrases import Phrase, phrase


class ToolError(ParagoneError):
    """Base class of errors of tools and their servers."""

    code = "tool_error"


class ToolServerFailed(ToolError):
    """A tool server did not start, exited, or broke the protocol. The message quotes the server if it gave a reason."""

    code = "tool_server_failed"
    hint_default = phrase("Check the server's command or address, its environment variables, and its log.")


class ToolSignInRequired(ToolServerFailed):
    """The user is not signed in to a tool server, or the sign-in has expired. `server` is its name."""

    code = "tool_sign_in_required"

    def __init__(self, message: Phrase, *, server: str) -> None:
        hint = phrase("Sign in: Settings › Tools, or `tools sign-in {server}` in a terminal.", server=server)
        super().__init__(message, hint=hint)
        self.server = server


class ToolTimedOut(ToolError):
    """A tool server did not respond in time."""

    code = "tool_timed_out"
    hint_default = phrase("Try again, or set a longer time limit for this server.")


class ToolHostFailed(ToolError):
    """The process that runs the tool servers did not start, exited, or stopped responding."""

    code = "tool_host_failed"
    hint_default = phrase("Try again. The process restarts automatically together with its servers.")
