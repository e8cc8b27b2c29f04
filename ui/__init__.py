"""The window: Qt Widgets over desktop."""
