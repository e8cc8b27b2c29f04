"""What is attached to prompts, as it is seen: tiles below what is typed and in prompts that were sent."""
