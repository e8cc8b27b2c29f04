"""Votes on responses, and rankings based on them: counts, strengths with intervals, verdicts and vote files."""
