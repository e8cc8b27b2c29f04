"""Child process that connects to MCP servers, and the client through which Paragone uses it."""
