"""Connections: the dialog that adds one."""
