"""The popover of presets: chosen, filled in, kept, passed on."""
