"""Pane for one conversation with its model: header, transcript, figures and composer."""
