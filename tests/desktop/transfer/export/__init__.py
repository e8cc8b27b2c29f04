"""Tests of desktop/transfer/export."""
