"""Tests of ui/replay."""
