"""Scrolling list of messages: positions, selection and mouse handling."""
