"""Votes on answers, and what can be claimed from them: counts, worths with intervals, verdicts, files of votes."""
