"""Where IT's policies are read from: files on Linux, the registry on Windows, a profile on macOS."""
