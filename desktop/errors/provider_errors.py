"""Errors of a server or of the connection to it: addresses, network, sign-in and names."""

from __future__ import annotations

from desktop.errors.base_errors import ParagoneError
from desktop.text.phrases import NOTHING, Phrase, phrase


class ProviderError(ParagoneError):
    """Error of a server or of the connection to it.

    `status` is the HTTP status; `request_id` was assigned by the server.
    """

    code = "provider"

    def __init__(
        self,
        message: Phrase,
        *,
        hint: Phrase = NOTHING,
        status: int | None = None,
        retry_after_s: float | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.retry_after_s = retry_after_s
        self.request_id = request_id
        self.is_bare = False
        """Whether the server gave no reason."""


class AddressInvalid(ProviderError):
    """The address is not a valid server address."""

    code = "address_invalid"
    hint_default = phrase("Copy the endpoint address from the portal, for example https://NAME.openai.azure.com.")


class AddressInsecure(ProviderError):
    """The key and prompt would be sent unencrypted, because the address is `http:` to another computer."""

    code = "address_insecure"
    hint_default = phrase("Use https, or a server on this computer (localhost).")


class ConnectFailed(ProviderError):
    """The connection to the server failed."""

    code = "connect_failed"
    hint_default = phrase("Check the address and the network, and make sure the server is running.")


class NameNotResolved(ConnectFailed):
    """DNS does not know the host name."""

    code = "name_not_resolved"
    hint_default = phrase("Check the spelling of the address, and make sure this computer is online.")


class TlsFailed(ConnectFailed):
    """The server's certificate was rejected."""

    code = "tls_failed"
    hint_default = phrase(
        "If you are behind a company proxy, add its root certificate to the system or set `network.ca_file`."
    )


class ProxyFailed(ConnectFailed):
    """The proxy refused the connection (407 requires authentication)."""

    code = "proxy_failed"
    hint_default = phrase("Check the proxy address and credentials in the settings.")


class ConnectTimeout(ConnectFailed):
    """The server did not accept the connection in time."""

    code = "connect_timeout"
    hint_default = phrase("Check the network, VPN and proxy. `network.connect_timeout_s` sets how long to wait.")


class AuthenticationFailed(ProviderError):
    """401: the key or token was rejected."""

    code = "authentication_failed"
    hint_default = phrase("Enter the key again. A regenerated key replaces the old one immediately.")


class PermissionDenied(ProviderError):
    """403: the account is authenticated but not authorized."""

    code = "permission_denied"
    hint_default = phrase(
        "Ask the resource's owner for access. A firewall or private network may also block this computer."
    )


class KeyUnset(ProviderError):
    """The connection requires a key and has none."""

    code = "key_unset"
    hint_default = phrase("Enter the connection's key again, or set the environment variable that the connection uses.")


class DeploymentNotFound(ProviderError):
    """The server has no such deployment or model, or the account may not use it."""

    code = "deployment_not_found"
    hint_default = phrase(
        "Use the deployment name, not the model name. A new deployment takes a few minutes to become available."
    )


class RouteRetired(ProviderError):
    """The vendor has retired the API path of the address."""

    code = "route_retired"
    hint_default = phrase("Use the v1 address: https://RESOURCE.services.ai.azure.com/openai/v1/")


class AddressNotFound(ProviderError):
    """404 without an error code for a missing deployment: the path does not exist."""

    code = "address_not_found"
    hint_default = phrase("Check the path in the address. Addresses of OpenAI-compatible servers usually end in /v1.")


class Redirected(ProviderError):
    """The server redirects to another address. The key and prompt are never sent there."""

    code = "redirected"
    hint_default = phrase("If you trust the new address, enter it as the connection's address.")


class SignInRequired(AuthenticationFailed):
    """The user is not signed in, or the sign-in has expired."""

    code = "sign_in_required"
    hint_default = phrase("Sign in: Settings › Connections, or `connections sign-in NAME` in a terminal.")


class SignInFailed(AuthenticationFailed):
    """The sign-in server rejected a sign-in, or the user canceled it."""

    code = "sign_in_failed"
    hint_default = phrase("Try again. If it fails again, send this message to your administrator.")


class ConsentMissing(SignInFailed):
    """Neither the user nor an administrator has consented to the application's acting for the user."""

    code = "sign_in_consent"
    hint_default = phrase("Ask a tenant administrator to approve the application once for all users.")


class TenantWrong(SignInFailed):
    """The account or the tenant is wrong."""

    code = "sign_in_tenant"
    hint_default = phrase("Check the connection's tenant, or sign in with an account that belongs to it.")


class AccessConditional(SignInFailed):
    """The organization's policy blocks this device, location or sign-in method."""

    code = "sign_in_conditional"
    hint_default = phrase(
        "Sign in with the browser instead of a code, on a device that your organization manages, or ask "
        "your administrator."
    )


class ApplicationWrong(SignInFailed):
    """The application registration that Paragone uses for signing in is incorrect."""

    code = "sign_in_application"
    hint_default = phrase(
        "Ask your administrator to configure the application (`entra.client_id`) as a public client with "
        "the redirect URI http://localhost."
    )
