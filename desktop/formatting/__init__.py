"""Numbers, money, durations and sizes as text; all rules are in this package."""
