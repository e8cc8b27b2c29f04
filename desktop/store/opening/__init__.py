"""Opens the database of a data folder, even after crashes, upgrades and full disks."""
