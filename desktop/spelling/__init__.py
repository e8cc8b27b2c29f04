"""Spelling of prompts: the dictionaries of a system, the words of a text, and the user's own words."""
