"""Connections: the dialogs that add and edit one, and the page that lists, tests and removes them."""
