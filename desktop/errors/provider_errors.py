"""A server and the way to it: addresses, connections, sign-in, names."""

from __future__ import annotations

from desktop.errors.base_errors import ParagoneError
from desktop.text.phrases import NOTHING, Phrase, phrase


class ProviderError(ParagoneError):
    """A server, or the way to it. `status` is HTTP's, `request_id` the server's own name for the call."""

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
        """Whether the server gave no reason at all."""


class AddressInvalid(ProviderError):
    """What was given is not an address of a server."""

    code = "address_invalid"
    hint_default = phrase("Copy the endpoint's address from the portal, for example https://NAME.openai.azure.com.")


class AddressInsecure(ProviderError):
    """`http:` to another machine would send the key and the prompt in the clear."""

    code = "address_insecure"
    hint_default = phrase("Use https, or a server on this computer (localhost).")


class ConnectFailed(ProviderError):
    """No connection to the server."""

    code = "connect_failed"
    hint_default = phrase("Check the address, the network, and that the server is running.")


class NameNotResolved(ConnectFailed):
    """The host's name is not known to DNS."""

    code = "name_not_resolved"
    hint_default = phrase("Check the spelling of the address, and that this computer is online.")


class TlsFailed(ConnectFailed):
    """The server's certificate was refused."""

    code = "tls_failed"
    hint_default = phrase("Behind a company proxy, add its root certificate to the system or set `network.ca_file`.")


class ProxyFailed(ConnectFailed):
    """The proxy refused to pass the connection on (407 asks for a sign-in)."""

    code = "proxy_failed"
    hint_default = phrase("Check the proxy's address and sign-in in the settings.")


class ConnectTimeout(ConnectFailed):
    """The server did not take the connection in time."""

    code = "connect_timeout"
    hint_default = phrase("Check the network, VPN and proxy. `network.connect_timeout_s` sets how long to wait.")


class AuthenticationFailed(ProviderError):
    """401: the key or token was refused."""

    code = "authentication_failed"
    hint_default = phrase("Enter the key again. A regenerated key replaces the old one immediately.")


class PermissionDenied(ProviderError):
    """403: signed in, but not allowed."""

    code = "permission_denied"
    hint_default = phrase(
        "Ask the resource's owner for access. A firewall or private network may also block this computer."
    )


class KeyUnset(ProviderError):
    """The connection signs in with a key and there is none."""

    code = "key_unset"
    hint_default = phrase("Enter the connection's key again, or set the environment variable that it names.")


class DeploymentNotFound(ProviderError):
    """The server has no deployment or model of this name, or none that may be used."""

    code = "deployment_not_found"
    hint_default = phrase("Use the deployment's name, not the model's. A new deployment needs a few minutes.")


class RouteRetired(ProviderError):
    """The address belongs to a route that the vendor has retired."""

    code = "route_retired"
    hint_default = phrase("Use the v1 address: https://RESOURCE.services.ai.azure.com/openai/v1/")


class AddressNotFound(ProviderError):
    """404 without a deployment's code: nothing answers at this path."""

    code = "address_not_found"
    hint_default = phrase("Check the address's path. Servers with the OpenAI API usually end in /v1.")


class Redirected(ProviderError):
    """The server sends us elsewhere; key and prompt are never carried to another address."""

    code = "redirected"
    hint_default = phrase("If you trust the new address, enter it as the connection's address.")


class SignInRequired(AuthenticationFailed):
    """Nobody is signed in, or the sign-in has ended: a person must do it again."""

    code = "sign_in_required"
    hint_default = phrase("Sign in: Settings › Connections, or `connections sign-in NAME` in a terminal.")


class SignInFailed(AuthenticationFailed):
    """The authority refused a sign-in, or it was given up."""

    code = "sign_in_failed"
    hint_default = phrase("Try again. If it fails again, send this message to your administrator.")


class ConsentMissing(SignInFailed):
    """Nobody has allowed the application to act for the user."""

    code = "sign_in_consent"
    hint_default = phrase("Ask an administrator of the tenant to approve the application once for everybody.")


class TenantWrong(SignInFailed):
    """The account or the tenant is not the one that was meant."""

    code = "sign_in_tenant"
    hint_default = phrase("Check the connection's tenant, or sign in with an account that belongs to it.")


class AccessConditional(SignInFailed):
    """A rule of the organisation refuses this device, place or way of signing in."""

    code = "sign_in_conditional"
    hint_default = phrase(
        "Sign in with the browser instead of a code, on a device that your organization manages, or ask "
        "your administrator."
    )


class ApplicationWrong(SignInFailed):
    """The application that Paragone signs in as is not registered as it must be."""

    code = "sign_in_application"
    hint_default = phrase(
        "Ask your administrator to set the application (`entra.client_id`): a public client with the "
        "redirect address http://localhost."
    )
