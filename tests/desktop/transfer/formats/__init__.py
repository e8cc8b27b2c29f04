"""Tests of desktop/transfer/formats."""
