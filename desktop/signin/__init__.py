"""Sign-in with Entra ID, by browser or device code; tokens renew in the background and are stored in the keyring."""
