"""Numbers, money, durations and sizes as text; the one place for their rules."""
