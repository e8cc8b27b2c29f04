"""Opens a data folder's database after crashes, upgrades and full disks."""
