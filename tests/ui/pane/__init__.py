"""The pane, off screen."""
