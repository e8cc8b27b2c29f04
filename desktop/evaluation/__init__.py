"""What answers are measured and held against each other by: figures, differences, what they agree on."""
