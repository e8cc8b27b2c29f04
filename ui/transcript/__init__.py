"""The messages of one conversation: read, streamed, copied and branched."""
