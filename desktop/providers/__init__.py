"""Servers of models: one protocol, an adapter for each kind of endpoint, one decoder and a reader for each wire."""
