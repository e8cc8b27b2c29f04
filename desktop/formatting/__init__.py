"""Numbers, amounts of money, durations and sizes as text. All formatting rules are in this package."""
