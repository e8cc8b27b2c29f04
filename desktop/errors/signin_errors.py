"""Signing in with Entra ID: nobody signed in, and what the authority refuses."""

from __future__ import annotations

from desktop.errors.provider_errors import AuthenticationFailed
from desktop.text.phrases import phrase


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
