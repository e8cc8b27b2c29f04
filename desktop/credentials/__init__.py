"""Keys in the keyring of the operating system, and nowhere else."""
