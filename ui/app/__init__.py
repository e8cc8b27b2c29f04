"""The application: the event loop, start-up, garbage collection and the self-test."""
