"""Settings and policies: declared once, and loaded from and saved to files."""
