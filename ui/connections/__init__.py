"""Connections: dialogs that add and edit them, and the page that lists, tests and removes them."""
