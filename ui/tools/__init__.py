"""Tools in the window: choosing them, answering their calls, and the settings of their servers."""
