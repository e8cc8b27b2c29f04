"""Tests of desktop/transfer/archives."""
