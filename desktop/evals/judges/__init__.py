"""Judge models: prompts, verdicts, pairs in both orders, and agreement with people."""
