"""SQLite as the store uses it: connections, files, keys, copies and errors."""
