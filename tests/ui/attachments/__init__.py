"""Tests of ui.attachments."""
