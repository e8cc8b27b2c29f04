"""Database encryption: turning it on and off, and rewriting under another key."""
