"""Tests of desktop.evaluation."""
