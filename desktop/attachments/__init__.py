"""Files that are attached to prompts: decoded in a child, kept by their hash, given to each model as it takes them."""
