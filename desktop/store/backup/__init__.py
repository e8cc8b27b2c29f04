"""Backups: made daily, restored whole or in part."""
