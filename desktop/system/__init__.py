"""The operating system: paths, private files, child processes, logging, the session bus."""
