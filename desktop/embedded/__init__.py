"""The small model included in the program: its child process, supervision, and GGUF headers."""
