"""Votes on responses and what they show: counts, strengths with intervals, verdicts, vote files."""
