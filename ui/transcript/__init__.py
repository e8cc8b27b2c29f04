"""The messages of one conversation, which are read, streamed, copied and branched here."""
