"""The program without its window, on plain asyncio."""
