"""What was sent for an answer and what came back about it, without a key."""
