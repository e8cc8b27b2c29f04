"""Graders: what turns an answer into pass, fail or a number from 0 to 1, with a reason; one file each."""
