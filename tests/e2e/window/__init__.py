"""The window as its user meets it: a real screen, window manager, keyring and screen reader's door."""
