"""What looks at a prompt before it leaves: patterns, the budget, and the record of what was sent."""
