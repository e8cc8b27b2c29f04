"""Servers of models: one protocol, two wire adapters, one decoder."""
