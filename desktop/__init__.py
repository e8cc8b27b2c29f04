"""The program without a screen: everything but the window, on plain asyncio."""
