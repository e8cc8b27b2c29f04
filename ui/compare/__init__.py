"""Panels that compare the responses of several panes."""
