"""Panels that hold the answers of a comparison against each other."""
