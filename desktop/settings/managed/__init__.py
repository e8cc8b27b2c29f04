"""Policies set by administrators: files on Linux, the registry on Windows, configuration profiles on macOS."""
