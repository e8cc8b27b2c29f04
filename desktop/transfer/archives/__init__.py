"""Reads ZIP archives, folders and JSON from other programs, with size limits."""
