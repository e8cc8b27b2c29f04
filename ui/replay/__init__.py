"""Replays in the window: the blind review of their pairs, and the decision on each successor."""
