"""Sign-in with Entra ID by browser or device code. Tokens are renewed in the background and stored in the keyring."""
