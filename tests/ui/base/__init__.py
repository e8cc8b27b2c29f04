"""Tests of ui/base."""
