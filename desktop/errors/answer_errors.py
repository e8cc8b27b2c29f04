"""Errors of requests that a server rejects, and of responses that are not complete."""

from __future__ import annotations

from desktop.errors.provider_errors import ProviderError
from desktop.text.phrases import Phrase, phrase


class RequestRejected(ProviderError):
    """400 or 422: the server rejects the request as it is."""

    code = "request_rejected"


class ContextTooLong(RequestRejected):
    """The conversation does not fit in the model's context window."""

    code = "context_length_exceeded"
    hint_default = phrase(
        "Start a new conversation, shorten the prompt, or choose a model with a larger context window."
    )


class PicturesRejected(RequestRejected):
    """The model does not accept images."""

    code = "pictures_rejected"
    hint_default = phrase(
        "Choose a model that accepts images, or try again. Paragone no longer sends images to this model, "
        "and its pane shows a note."
    )


class FilesRejected(RequestRejected):
    """The model does not accept files."""

    code = "files_rejected"
    hint_default = phrase(
        "Try again. Paragone now sends this model the text of attached files, or images of their pages."
    )


class ToolsRejected(RequestRejected):
    """The model or its server does not support tools."""

    code = "tools_rejected"
    hint_default = phrase("Turn off tools, or choose a model that supports them.")


class WireRejected(RequestRejected):
    """The model does not support the API format of the request. `instead` is the one that it supports."""

    code = "wire_rejected"
    hint_default = phrase("Let the connection choose the API format: `connections add --wire auto`.")
    instead = "responses"


class ParameterRejected(RequestRejected):
    """The model does not accept a parameter. `parameter` is its name in the request."""

    code = "parameter_rejected"
    hint_default = phrase("Remove the parameter for this model.")

    def __init__(self, message: Phrase, *, parameter: str, status: int | None = None) -> None:
        super().__init__(message, status=status)
        self.parameter = parameter


class SystemPromptRejected(ParameterRejected):
    """The model does not accept the role in which the system prompt was sent."""

    code = "system_prompt_rejected"
    hint_default = phrase("Remove the system prompt for this model, or choose another model.")

    def __init__(self, message: Phrase, *, status: int | None = None) -> None:
        super().__init__(message, parameter="messages", status=status)


class ContentFiltered(RequestRejected):
    """The content filter rejected the prompt. The message names category and severity."""

    code = "content_filter"
    hint_default = phrase("Rephrase the prompt. The filter is configured in the deployment.")


class RequestTooLarge(RequestRejected):
    """413: the request exceeds the server's size limit."""

    code = "request_too_large"
    hint_default = phrase("Shorten the prompt or start a new conversation.")


class RateLimited(ProviderError):
    """429: too many requests or tokens. `retry_after_s` is set if the server says how long to wait."""

    code = "rate_limited"
    hint_default = phrase("Wait a moment, or raise the deployment's quota.")


class QuotaExhausted(ProviderError):
    """The account's credit, budget or quota is used up, so waiting a moment does not help."""

    code = "quota_exhausted"
    hint_default = phrase("Add credit to the account, or raise its limit or budget. Waiting does not help.")


class ServerFailed(ProviderError):
    """5xx: the server failed."""

    code = "server_failed"
    hint_default = phrase("Try again. If the problem persists, check the service's status page.")


class GatewayTimedOut(ServerFailed):
    """504: a proxy gave up before the model responded, so another attempt would only wait as long."""

    code = "gateway_timeout"
    hint_default = phrase("Raise the proxy's response timeout (nginx: proxy_read_timeout), or choose a faster model.")


class ServerOverloaded(ServerFailed):
    """502, 503 or 529: the server, or a gateway in front of it, is overloaded."""

    code = "server_overloaded"
    hint_default = phrase("Try again in a moment.")


class RequestTimedOut(ProviderError):
    """408: the server waited too long for the request."""

    code = "request_timeout"
    hint_default = phrase("Check the network and try again.")


class Conflict(ProviderError):
    """409: the resource is being changed."""

    code = "conflict"
    hint_default = phrase("Wait until the deployment has been updated, then try again.")


class AnswerUnreadable(ProviderError):
    """The response is not a stream of the expected format."""

    code = "answer_unreadable"


class NotAStream(AnswerUnreadable):
    """Status 200 with a web page or another format instead of a response."""

    code = "not_a_stream"
    hint_default = phrase("The address may lead to a sign-in page or a proxy. Check it in the connection's settings.")


class StreamFailed(AnswerUnreadable):
    """The stream contains an error object. The message is the server's."""

    code = "stream_failed"
    hint_default = phrase("Try again. The text received so far is saved.")


class Interrupted(AnswerUnreadable):
    """The stream ended without a finish reason. The text so far is saved."""

    code = "interrupted"
    hint_default = phrase("Continue the response, or try again.")


class StoppedByQuitting(AnswerUnreadable):
    """Paragone quit during the response. The text so far is saved."""

    code = "stopped_by_quitting"


class Stalled(AnswerUnreadable):
    """No data arrived within the time limit. The text so far is saved."""

    code = "stalled"
    hint_default = phrase(
        "Try again. `network.first_token_timeout_s` and `network.idle_timeout_s` set how long to wait."
    )


class AnswerTooLarge(AnswerUnreadable):
    """An event or the whole response exceeds the size limit. The text so far is saved."""

    code = "answer_too_large"
    hint_default = phrase("The server may be faulty. Set `max_tokens` to limit the response.")
