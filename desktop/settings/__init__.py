"""Settings and policies: declared once, loaded from and saved to files."""
