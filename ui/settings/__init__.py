"""Settings: a window of pages, most of them made from the declarations of the options."""
