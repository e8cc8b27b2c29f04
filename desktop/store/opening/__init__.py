"""From a folder to an open database, whatever a crash, another version or a full disk left there."""
