"""Tests of the popover of presets."""
