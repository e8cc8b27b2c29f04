"""The scrolling list of messages: where rows stand, what is marked, what a press means."""
