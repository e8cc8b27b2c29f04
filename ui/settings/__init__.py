"""Settings window. Most of its pages are generated from the option declarations."""
