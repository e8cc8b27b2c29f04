"""Votes on responses and rankings from them: counts, strengths with intervals, verdicts and vote files."""
