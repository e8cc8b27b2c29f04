"""Database encryption: turning it on and off, and rewriting databases under another key."""
