"""Connections: dialogs to add and edit them, and the page that lists, tests and removes them."""
