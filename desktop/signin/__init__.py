"""Signing in with Entra ID: by the browser or by a code, renewed unseen, kept in the keyring."""
