"""The transcript, off screen."""
