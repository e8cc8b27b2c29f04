"""Named system prompts with parameters and variables, both bundled and created by the user."""
