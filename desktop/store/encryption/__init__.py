"""The database under a key: turned on, turned off, written anew."""
