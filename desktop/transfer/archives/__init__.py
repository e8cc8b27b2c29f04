"""Zips, folders and JSON from elsewhere, read within bounds."""
