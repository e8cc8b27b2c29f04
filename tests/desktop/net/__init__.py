"""Tests of desktop/net."""
