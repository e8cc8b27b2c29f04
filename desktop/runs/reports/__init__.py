"""Reports of runs: a page to read, and rows and lines for other programs."""
