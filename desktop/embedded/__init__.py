"""The small model within the program: its child process, supervisor and GGUF headers."""
