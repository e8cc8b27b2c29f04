"""Tests of desktop/store/backup."""
