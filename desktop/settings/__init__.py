"""What the user and IT can set: declared once, loaded from and saved to files."""
