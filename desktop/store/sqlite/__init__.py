"""Access to SQLite for the store: connections, files, keys, copies and errors."""
