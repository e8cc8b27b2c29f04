"""SQLite as used by the store: connections, files, keys, copies and errors."""
