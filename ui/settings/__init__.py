"""Settings window; most pages are generated from the option declarations."""
