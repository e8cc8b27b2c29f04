"""Reports of runs, comparisons and rankings, in every format."""
