"""What is made of foreign text in a child process that may be ended: the colours of code."""
