"""The main window and program-wide dialogs."""
