"""The machine: paths, private files, child processes, logging, the session bus."""
