"""Step-by-step diagnosis of a computer and its connections, for the window and the terminal."""
