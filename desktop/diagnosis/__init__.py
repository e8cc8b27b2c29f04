"""What can be wrong with a machine and its connections, found out step by step, for the window and the terminal."""
