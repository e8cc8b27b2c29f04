"""Tests of ui/tools."""
