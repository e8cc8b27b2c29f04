"""Replays in the window: set up, executed, reviewed blind, and decided on."""
