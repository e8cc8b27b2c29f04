"""Named system prompts with parameters and variables, shipped and the user's own."""
