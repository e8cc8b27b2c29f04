"""Model judges: prompts, verdicts, pairs in both orders, and their agreement with people."""
