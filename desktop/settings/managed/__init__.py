"""Policies set by IT: files on Linux, the registry on Windows, configuration profiles on macOS."""
