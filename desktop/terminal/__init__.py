"""The program in a terminal, one module a command."""
