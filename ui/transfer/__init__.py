"""Dialogs that bring conversations in and out: import and export."""
