"""Attachment tiles below the prompt field and in sent prompts, and the file viewer."""
