"""Preset popover: choose, fill in, save and share presets."""
