"""Statistics as pure functions: intervals, tests, agreement, the Bradley-Terry model."""
